using System.Diagnostics.CodeAnalysis;
using OpenShell.Linux;
using OpenShell.Linux.Processes;
using OpenShell.Supervisor.Native;

namespace OpenShell.Supervisor.Processes;

/// <summary>
/// The only place that waits for children, ours and the orphans that PID 1 inherits. Starting a child and reaping one
/// take the same lock, so a child is known before its status can be taken, and no process id can be given out again
/// while somebody may still signal it. It lives as long as the supervisor; there may be one in a process.
/// </summary>
[SuppressMessage("Design", "CA1001", Justification = "It and its thread live as long as the process.")]
internal sealed class Reaper
{
    private readonly Lock _lock = new();
    private readonly Dictionary<int, Child> _children = [];
    private readonly AutoResetEvent _started = new(false);

    public Reaper()
    {
        var thread = new Thread(Run, maxStackSize: 128 * 1024) { IsBackground = true, Name = "reaper" };
        thread.Start();
    }

    /// <summary>Starts a child. Null: it could not be, and the request says why.</summary>
    public unsafe Child? Spawn(SpawnRequest* request)
    {
        Child child;
        lock (_lock)
        {
            var pid = NativeSpawn.Spawn(request);
            if (pid < 0)
            {
                return null;
            }

            child = new Child(pid);
            _children.Add(pid, child);
        }

        _started.Set();
        return child;
    }

    /// <summary>
    /// Signals the process group of a child, also after the child itself has ended while others of its group run.
    /// False: nobody is left.
    /// </summary>
    public bool SignalGroup(Child child, int signal)
    {
        lock (_lock)
        {
            // The kernel keeps the number back while a group has it; a process of that number means a new owner.
            if (child.IsReaped && (Signals.Send(child.Pid, 0) == 0 || Errno.Last != Errno.NoProcess))
            {
                return false;
            }

            return Signals.Send(-child.Pid, signal) == 0;
        }
    }

    private void Run()
    {
        while (true)
        {
            var pid = ChildProcess.WaitForAnyExit();
            if (pid > 0)
            {
                Reap(pid);
            }
            else
            {
                // No children. Orphans only come from children, so the next start is soon enough.
                _started.WaitOne();
            }
        }
    }

    private void Reap(int pid)
    {
        Child? child;
        ExitStatus status;
        lock (_lock)
        {
            // Nothing is there when it was a failed start, which the C part has reaped.
            if (ChildProcess.TryReap(pid) is not { } taken)
            {
                return;
            }

            status = taken;
            if (_children.Remove(pid, out child))
            {
                child.IsReaped = true;
            }
        }

        // Null: an orphan, which no caller waits for.
        child?.Complete(status);
    }
}
