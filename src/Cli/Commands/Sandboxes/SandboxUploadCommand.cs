using System.CommandLine;
using OpenShell.Cli.Completion;
using OpenShell.Cli.Context;
using OpenShell.Cli.Parsing;
using OpenShell.Cli.Rpc;
using OpenShell.Cli.Transfer;

namespace OpenShell.Cli.Commands.Sandboxes;

/// <summary><c>openshell sandbox upload [NAME] LOCAL [DEST]</c>.</summary>
internal sealed class SandboxUploadCommand : SandboxCopyCommand
{
    private const string Help = "Copy a file or a directory into a sandbox; files that are there already, the same, are left out";
    private const string Paths =
        "Local path, then the directory of the sandbox that it comes into [default: the home directory]; a directory comes under its "
        + "name, with a slash at its end only its content. To give a file another name: openshell cp";

    private readonly Flag _noIgnore = new("--no-git-ignore", "Copy also what git ignores, and .git; without asking git", "--no-ignore");

    public SandboxUploadCommand(CliContext context, GatewayConnector connector, SandboxNameCompletion names)
        : base("upload", Help, Paths, context, connector, names) =>
        Options.Add(_noIgnore);

    protected override Task<TransferResult> CopyAsync(
        ParseResult parsed,
        Func<string, RemoteTree> remote,
        string from,
        string? to,
        TransferProgress progress,
        CancellationToken cancellationToken) =>
        new SandboxUpload(from, to).RunAsync(remote, !parsed.GetValue(_noIgnore), progress, cancellationToken);
}
