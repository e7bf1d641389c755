using OpenShell.Linux.Processes;

namespace OpenShell.Supervisor.Processes;

/// <summary>A process that was started: its end and its group.</summary>
internal class SandboxProcess(Reaper reaper, Child child)
{
    public int Pid => child.Pid;

    /// <summary>Its end, also for those who ask late. Never faults.</summary>
    public Task<ExitStatus> Exited => child.Exited;

    /// <summary>Signals the process group. False: nobody is left in it.</summary>
    public bool Signal(int number) => reaper.SignalGroup(child, number);
}

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
