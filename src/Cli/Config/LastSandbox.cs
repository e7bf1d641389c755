using OpenShell.Cli.Context;
using OpenShell.Linux.Files;

namespace OpenShell.Cli.Config;

/// <summary>
/// The sandbox that was used last, of each gateway and workspace: <c>last-sandbox/GATEWAY</c> in the state directory, with
/// <c>@WORKSPACE</c> where that is not the default one.
/// </summary>
internal sealed class LastSandbox(CliEnvironment environment)
{
    /// <summary>Its name; null when none was used yet, or what was noted of it cannot be read or is no name.</summary>
    public string? Of(GatewayTarget target)
    {
        try
        {
            var name = PrivateFile.TryRead(PathOf(target))?.Trim() ?? "";
            return name.Length > 0 && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.') ? name : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>Notes the name. A directory that cannot be written is no reason to fail.</summary>
    public void Remember(GatewayTarget target, string name)
    {
        try
        {
            if (Of(target) != name)
            {
                PrivateFile.Replace(PathOf(target), name + "\n");
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
        }
    }

    private string PathOf(GatewayTarget target) => Path.Combine(environment.StateDirectory, "last-sandbox", GatewayKey.OfFile(target));
}
