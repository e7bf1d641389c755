using System.Collections.Concurrent;

namespace OpenShell.GrpcAbstractions.RoundTrip;

/// <summary>What the server saw, for the test that made the call.</summary>
public sealed class ServerCalls
{
    public TaskCompletionSource HangStarted { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public TaskCompletionSource HangCancelled { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public ConcurrentQueue<string> Intercepted { get; } = [];

    public DateTime LastDeadline { get; set; }

    public string? LastEncoding { get; set; }
}
