using OpenShell.Gateway.Sandboxes;
using OpenShell.Gateway.Watch;
using OpenShell.Protocol.Logs;

namespace OpenShell.Gateway.Lifecycle;

/// <summary>What happens to sandboxes, for the gateway's log and for the log of the sandbox that it happens to.</summary>
internal sealed class SandboxNotes(SandboxJournal journal, ILogger<SandboxNotes> logger)
{
    private const string Target = "sandbox";

    /// <summary>The row is there; the driver has not been told yet.</summary>
    public void Stored(SandboxRecord sandbox)
    {
        journal.Open(sandbox.Id);
        Note(sandbox, $"sandbox {sandbox.Name} created");
    }

    public void Created(SandboxRecord sandbox) => SandboxLog.Created(logger, sandbox.Name, sandbox.Id);

    public void StopRequested(SandboxRecord sandbox, bool force) => Note(sandbox, force ? "stop requested, by force" : "stop requested");

    public void Stopped(SandboxRecord sandbox)
    {
        SandboxLog.Stopped(logger, sandbox.Name, sandbox.Id);
        Note(sandbox, "stopped");
    }

    public void StartRequested(SandboxRecord sandbox, StartCause cause) => Note(sandbox, cause switch
    {
        StartCause.Policy => $"start by the restart policy, the {sandbox.RestartCount + 1}. in a row",
        StartCause.Recovery => "start, because it was to run",
        _ => "start requested",
    });

    public void TimedOut(SandboxRecord sandbox) => SandboxLog.TimedOut(logger, sandbox.Name, sandbox.Id);

    public void Started(SandboxRecord sandbox)
    {
        SandboxLog.Started(logger, sandbox.Name, sandbox.Id, sandbox.BootEpoch);
        Note(sandbox, $"started, boot epoch {sandbox.BootEpoch}");
    }

    public void DeleteRequested(SandboxRecord sandbox) => Note(sandbox, "delete requested");

    /// <summary>The driver has deleted it; its row, and with it its log, goes next.</summary>
    public void MachineDeleted(SandboxRecord sandbox) => Note(sandbox, "deleted");

    public void Deleted(SandboxRecord sandbox) => SandboxLog.Deleted(logger, sandbox.Name, sandbox.Id);

    public void Failed(SandboxRecord sandbox, string operation, string reason)
    {
        SandboxLog.Failed(logger, sandbox.Name, sandbox.Id, operation, reason);
        journal.Note(sandbox.Id, LogLevels.Error, Target, $"{operation} failed: {reason}");
    }

    /// <summary>What is going to happen could not be stored; it happens all the same.</summary>
    public void NotStored(SandboxRecord sandbox, string reason) =>
        SandboxLog.Failed(logger, sandbox.Name, sandbox.Id, "noting of the next step", reason);

    public void MachineGone(SandboxRecord sandbox) => SandboxLog.MachineGone(logger, sandbox.Name, sandbox.Id);

    public void KeyLost(SandboxRecord sandbox) => SandboxLog.KeyLost(logger, sandbox.Name, sandbox.Id);

    public void StrayKept(string name, string sandboxId) => SandboxLog.StrayKept(logger, name, sandboxId);

    public void StrayAdopted(SandboxRecord sandbox)
    {
        journal.Open(sandbox.Id);
        Note(sandbox, "taken over from the driver into a new database");
        SandboxLog.StrayAdopted(logger, sandbox.Name, sandbox.Id);
    }

    private void Note(SandboxRecord sandbox, string message) => journal.Note(sandbox.Id, LogLevels.Info, Target, message);
}
