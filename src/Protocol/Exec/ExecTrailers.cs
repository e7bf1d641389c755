namespace OpenShell.Protocol.Exec;

/// <summary>Trailing metadata of ExecSandbox and ExecSandboxInteractive when they fail.</summary>
public static class ExecTrailers
{
    /// <summary>"true": the command was on its way to the sandbox. It may have run, and how it ended is not known.</summary>
    public const string CommandSent = "openshell-command-sent";
}
