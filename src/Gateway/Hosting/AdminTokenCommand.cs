using System.CommandLine;
using OpenShell.Gateway.Auth;
using OpenShell.Linux.Files;
using OpenShell.Linux.Programs;
using OpenShell.Linux.Sockets;

namespace OpenShell.Gateway.Hosting;

/// <summary><c>openshell-gateway admin-token rotate</c>: a new token in the place of the old, whether a gateway runs or not.</summary>
internal static class AdminTokenCommand
{
    /// <param name="stateDirectory">The state directory that the command line names.</param>
    public static Command Create(Func<ParseResult, string> stateDirectory)
    {
        var rotate = new Command("rotate", "Replace the admin token. A gateway that runs refuses the old one at once, and ends what came in with it");
        rotate.SetAction(parsed => Rotate(Path.Combine(stateDirectory(parsed), AdminToken.FileName)));
        return new Command("admin-token", "The token that lets callers in at the public port") { rotate };
    }

    private static int Rotate(string path)
    {
        try
        {
            if (FileStatus.Find(path, followLink: true) is not { } file)
            {
                throw new IOException($"there is no {path}; a gateway makes it at its first start, or name its --state-dir");
            }

            // The gateway could not read a file of somebody else's.
            if (file.Owner != UnixPeer.CurrentUser)
            {
                throw new IOException($"{path} belongs to user {file.Owner}; run this as that user");
            }

            SecretFile.Replace(path, SecretFile.NewToken());
            Console.Error.WriteLine($"{path} holds a new token; copies of the old one are worthless now");
            return ExitCodes.Ok;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Console.Error.WriteLine($"openshell-gateway: {e.Message}");
            return ExitCodes.Failed;
        }
    }
}
