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
        "Path in the sandbox, then where here: what is in a directory comes into DEST; a file becomes DEST, or comes into it if that is a "
        + "directory or ends with a slash. Without DEST both come into the current directory under their names";

    public SandboxDownloadCommand(CliContext context, GatewayConnector connector, SandboxNameCompletion names)
        : base("download", Help, Paths, context, connector, names)
    {
    }

    protected override async Task<TransferResult> CopyAsync(
        ParseResult parsed, Func<string, RemoteTree> remote, string from, string? to, TransferProgress progress, CancellationToken cancellationToken)
    {
        var path = from.TrimEnd('/');
        var slash = path.LastIndexOf('/');
        var name = path[(slash + 1)..];
        var above = remote(slash < 0 ? "" : slash == 0 ? "/" : path[..slash]);

        // What a path is, only the sandbox knows.
        var hasNoName = from.EndsWith('/') || name is "" or "." or "..";
        var isDirectory = hasNoName || await above.IsDirectoryAsync(from, cancellationToken);
        if (isDirectory && (hasNoName || (to is not null && Directory.Exists(to))))
        {
            using var into = Make(to ?? ".");
            return await new Downloader(remote(from), "", into, "", progress).RunAsync(cancellationToken);
        }

        // What is to become DEST: a directory with its attributes, or a file.
        var target = isDirectory ? to?.TrimEnd('/') : to;
        var renames = target is not null && !target.EndsWith('/') && !Directory.Exists(target);
        using var tree = Make(renames ? Path.GetDirectoryName(Path.GetFullPath(target!))! : to ?? ".");
        var raw = RawPath.FromText(name);
        var local = renames ? RawPath.FromText(Path.GetFileName(target!)) : raw;
        return await new Downloader(above, raw, tree, local, progress).RunAsync(cancellationToken);
    }

    private static LocalTree Make(string directory)
    {
        Directory.CreateDirectory(directory);
        return LocalTree.Open(RawPath.FromText(directory));
    }
}
