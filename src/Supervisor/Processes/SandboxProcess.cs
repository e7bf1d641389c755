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
