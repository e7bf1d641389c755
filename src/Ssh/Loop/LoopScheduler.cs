using System.IO.Pipelines;

namespace OpenShell.Ssh.Loop;

/// <summary>Has the loop's side of a pipe go on on the loop's thread.</summary>
internal sealed class LoopScheduler(SshLoop loop) : PipeScheduler
{
    /// <inheritdoc/>
    public override void Schedule(Action<object?> action, object? state) => loop.Enqueue(action, state);
}
