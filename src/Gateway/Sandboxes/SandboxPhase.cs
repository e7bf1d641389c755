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
}
