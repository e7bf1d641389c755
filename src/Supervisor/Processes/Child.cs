using OpenShell.Linux.Processes;

namespace OpenShell.Supervisor.Processes;

/// <summary>A child that its starter owns. The <see cref="Reaper"/> completes it.</summary>
internal sealed class Child(int pid)
{
    private readonly TaskCompletionSource<ExitStatus> _exited = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Process id, and id of its session and process group.</summary>
    public int Pid { get; } = pid;

    /// <summary>How it ended. Never faults.</summary>
    public Task<ExitStatus> Exited => _exited.Task;

    /// <summary>The kernel may give its id to another process. Changed under the reaper's lock only.</summary>
    internal bool IsReaped { get; set; }

    internal void Complete(ExitStatus status) => _exited.TrySetResult(status);
}
