using OpenShell.Driver.Vm.Events;
using OpenShell.Driver.Vm.Records;
using OpenShell.Linux.Processes;

namespace OpenShell.Driver.Vm.Launch;

/// <summary>Starts machines. Tests start none.</summary>
internal interface IMachineStarter
{
    /// <summary>Does beforehand what would otherwise delay the first start.</summary>
    /// <exception cref="IOException">Something that every start needs is missing.</exception>
    Task WarmUpAsync(CancellationToken cancellationToken);

    /// <summary>Starts a machine. If it throws, none is left running.</summary>
    /// <exception cref="IOException">It cannot be started; the message is for people.</exception>
    Task<RunningMachine> StartAsync(MachineStart start, CancellationToken cancellationToken);

    /// <summary>Takes over a machine that an earlier driver has left.</summary>
    /// <returns>Null if its monitor does not answer in time.</returns>
    Task<RunningMachine?> TryAdoptAsync(
        string sandboxId, ProcessIdentity process, SandboxLayout layout, TimeSpan timeout, CancellationToken cancellationToken);
}

/// <summary>One start of one machine.</summary>
internal sealed record MachineStart
{
    public required MachineSpec Spec { get; init; }

    public required SandboxLayout Layout { get; init; }

    /// <summary>The sandbox's token. A secret; see <see cref="ToString"/>.</summary>
    public required string Token { get; init; }

    /// <summary>Identifies this boot.</summary>
    public required string InstanceId { get; init; }

    /// <summary>Whether the disk is still to be made.</summary>
    public required bool IsFirst { get; init; }

    public required MachineNotices Notices { get; init; }

    /// <summary>Without the token, which a record would print.</summary>
    public override string ToString() => $"start {InstanceId} of {Spec.Id}";
}
