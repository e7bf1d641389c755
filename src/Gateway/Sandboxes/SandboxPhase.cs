namespace OpenShell.Gateway.Sandboxes;

/// <summary>Where a sandbox is in its life. Numbers as on the wire.</summary>
internal enum SandboxPhase
{
    Unspecified = 0,
    Provisioning = 1,
    Ready = 2,
    Error = 3,
    Deleting = 4,
    Unknown = 5,
    Stopping = 6,
    Stopped = 7,
    Starting = 8,

    /// <summary>Its main process has ended with 0.</summary>
    Completed = 9,
}

/// <summary>What phases are to callers.</summary>
internal static class SandboxPhases
{
    /// <summary>Whether a watch that stops at a terminal phase stops here.</summary>
    public static bool IsTerminal(this SandboxPhase phase) => phase
        is SandboxPhase.Ready or SandboxPhase.Completed or SandboxPhase.Stopped or SandboxPhase.Error;
}
