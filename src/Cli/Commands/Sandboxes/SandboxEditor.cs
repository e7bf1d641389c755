using OpenShell.Cli.Context;
using OpenShell.Cli.Exec;
using OpenShell.Cli.Rpc;
using OpenShell.Cli.Ssh;
using OpenShell.Linux.Processes;
using OpenShell.Linux.Programs;
using OpenShell.Protocol.V1;

namespace OpenShell.Cli.Commands.Sandboxes;

/// <summary>An editor on this machine that works in a sandbox through ssh.</summary>
internal sealed class SandboxEditor
{
    /// <summary>Those that can.</summary>
    public static readonly string[] Names = ["vscode", "cursor"];

    private readonly CliContext _context;
    private readonly string _program;

    /// <exception cref="CliException">It is not installed.</exception>
    public SandboxEditor(CliContext context, string name)
    {
        _context = context;
        _program = FindProgram(
            context, name == "cursor" ? "cursor" : "code", "install its command line, or choose another editor with --editor");
    }

    /// <summary>Starts it in the place of this process. ssh finds the sandbox by a Host block of ours.</summary>
    /// <param name="directory">To open; null is the home directory.</param>
    public async Task OpenAsync(
        GatewayConnection connection, SshHost host, string? activeGateway, Sandbox sandbox, string? directory, CancellationToken cancellationToken)
    {
        var alias = host.Alias(activeGateway);
        new SshConfigFile(_context.Environment).Install(alias, host.Block(activeGateway));
        directory ??= await HomeDirectoryAsync(connection, sandbox, cancellationToken);
        CurrentProcess.Become(_program, ["--remote", $"ssh-remote+{alias}", directory]);
    }

    /// <summary>Path of a program of this machine.</summary>
    /// <exception cref="CliException">There is none.</exception>
    public static string FindProgram(CliContext context, string program, string advice) =>
        CurrentProcess.FindProgram(program, context.Environment.ProgramDirectories)
        ?? throw new CliException(new CliError("missing_program", $"there is no '{program}' in PATH; {advice}", ExitCodes.Unavailable));

    // A command starts in its user's home directory.
    private static async Task<string> HomeDirectoryAsync(GatewayConnection connection, Sandbox sandbox, CancellationToken cancellationToken)
    {
        var request = new ExecSandboxRequest { Sandbox = sandbox.Metadata.Name, WorkspaceScope = connection.Scope, NoLoginShell = true, Command = { "pwd" } };
        var outcome = await CapturedExec.RunAsync(connection, request, cancellationToken);
        return outcome.ExitCode == 0 && outcome.Text.TrimEnd('\n') is ['/', ..] directory ? directory : "/";
    }
}
