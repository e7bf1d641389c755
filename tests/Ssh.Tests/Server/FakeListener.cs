using OpenShell.Ssh.Abstractions;

namespace OpenShell.Ssh.Tests.Server;

/// <summary>A port that nobody connects to.</summary>
internal sealed class FakeListener : ISshForwardListener
{
    public int Port => 4711;

    public TaskCompletionSource Disposed { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public async Task<AcceptedForward> AcceptAsync(CancellationToken cancellationToken)
    {
        await Task.Delay(Timeout.InfiniteTimeSpan, cancellationToken);
        throw new IOException();
    }

    public ValueTask DisposeAsync()
    {
        Disposed.SetResult();
        return ValueTask.CompletedTask;
    }
}
