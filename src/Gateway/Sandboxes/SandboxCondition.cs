namespace OpenShell.Gateway.Sandboxes;

/// <summary>One observation about a sandbox; the type <see cref="ReadyType"/> explains its phase.</summary>
/// <param name="Type">What is observed.</param>
/// <param name="Status">"True", "False" or "Unknown".</param>
/// <param name="Reason">One word for programs.</param>
/// <param name="Message">A sentence for people.</param>
/// <param name="LastTransition">When the status last changed.</param>
internal sealed record SandboxCondition(string Type, string Status, string Reason, string Message, DateTimeOffset LastTransition)
{
    public const string ReadyType = "Ready";
    public const string True = "True";
    public const string False = "False";

    /// <summary>Reason: a start has begun and what ran before it may still run.</summary>
    public const string Restarting = "Restarting";

    /// <summary>Reason: the sandbox failed because its main process did; its supervisor still answers.</summary>
    public const string MainProcessExited = "MainProcessExited";
}
