namespace OpenShell.Gateway.Sandboxes;

/// <summary>When a sandbox is started again by itself. Numbers as on the wire.</summary>
internal enum SandboxRestartPolicy
{
    Unspecified = 0,
    Never = 1,

    /// <summary>When its main process has ended with a code other than 0, or its machine has ended.</summary>
    OnFailure = 2,

    /// <summary>When its main process or its machine has ended, however.</summary>
    Always = 3,
}
