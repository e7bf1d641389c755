using System.CommandLine;
using OpenShell.Cli.Completion;
using OpenShell.Cli.Context;
using OpenShell.Cli.Parsing;
using OpenShell.Cli.Rpc;
using OpenShell.Cli.Text;
using OpenShell.Cli.Transfer;

namespace OpenShell.Cli.Commands.Sandboxes;

/// <summary><c>openshell sandbox upload [NAME] LOCAL [DEST]</c>.</summary>
internal sealed class SandboxUploadCommand : SandboxCopyCommand
{
    private const string Help = "Copy a file or a directory into a sandbox; files that are there already, the same, are left out";
    private const string Paths =
        "Local path, then where in the sandbox [default: the home directory], as with rsync: a directory comes into DEST under its name, "
        + "with a slash at its end only its content; a file becomes DEST, or comes into it if that is a directory or ends with a slash";

    private readonly Flag _noIgnore = new("--no-ignore", "Copy also what git ignores, and .git; without asking git");

    public SandboxUploadCommand(CliContext context, GatewayConnector connector, SandboxNameCompletion names)
        : base("upload", Help, Paths, context, connector, names) =>
        Options.Add(_noIgnore);

    protected override async Task<TransferResult> CopyAsync(
        ParseResult parsed, Func<string, RemoteTree> remote, string from, string? to, TransferProgress progress, CancellationToken cancellationToken)
    {
        var directory = to ?? "";
        string? nameOfFile = null;
        if (to is not null && !to.EndsWith('/') && !Directory.Exists(from) && !await remote("").IsDirectoryAsync(to, cancellationToken))
        {
            var slash = to.LastIndexOf('/');
            directory = slash < 0 ? "" : slash == 0 ? "/" : to[..slash];
            nameOfFile = RawPath.FromText(to[(slash + 1)..]);
        }

        using var source = await UploadSource.ScanAsync(from, nameOfFile, !parsed.GetValue(_noIgnore), cancellationToken);
        return await new Uploader(source, remote(directory), progress).RunAsync(cancellationToken);
    }
}
