using System.CommandLine;
using OpenShell.Cli.Completion;
using OpenShell.Cli.Context;
using OpenShell.Cli.Rpc;
using OpenShell.Cli.Text;
using OpenShell.Cli.Transfer;

namespace OpenShell.Cli.Commands.Sandboxes;

/// <summary><c>openshell sandbox download [NAME] REMOTE [DEST]</c>.</summary>
internal sealed class SandboxDownloadCommand : SandboxCopyCommand
{
    private const string Help = "Copy a file or a directory out of a sandbox; files that are here already, the same, are left out";
    private const string Paths =
        "Path in the sandbox, then where here [default: the current directory], as with rsync: a directory comes into DEST under its name, "
        + "with a slash at its end only its content; a file becomes DEST, or comes into it if that is a directory or ends with a slash";

    public SandboxDownloadCommand(CliContext context, GatewayConnector connector, SandboxNameCompletion names)
        : base("download", Help, Paths, context, connector, names)
    {
    }

    protected override async Task<TransferResult> CopyAsync(
        ParseResult parsed, Func<string, RemoteTree> remote, string from, string? to, TransferProgress progress, CancellationToken cancellationToken)
    {
        var path = from.TrimEnd('/');
        var name = path[(path.LastIndexOf('/') + 1)..];
        if (from.EndsWith('/') || name is "" or "." or "..")
        {
            using var into = Make(to ?? ".");
            return await new Downloader(remote(from), "", into, "", progress).RunAsync(cancellationToken);
        }

        // A file becomes DEST; whether it is one, only the sandbox knows.
        var slash = path.LastIndexOf('/');
        var above = remote(slash < 0 ? "" : slash == 0 ? "/" : path[..slash]);
        var renames = to is not null && !to.EndsWith('/') && !Directory.Exists(to) && !await above.IsDirectoryAsync(from, cancellationToken);
        using var tree = Make(renames ? Path.GetDirectoryName(Path.GetFullPath(to!))! : to ?? ".");
        var raw = RawPath.FromText(name);
        return await new Downloader(above, raw, tree, renames ? RawPath.FromText(Path.GetFileName(to!)) : raw, progress).RunAsync(cancellationToken);
    }

    private static LocalTree Make(string directory)
    {
        Directory.CreateDirectory(directory);
        return LocalTree.Open(RawPath.FromText(directory));
    }
}
