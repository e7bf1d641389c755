using Google.Protobuf.WellKnownTypes;
using OpenShell.Driver.Vm.Records;
using OpenShell.Protocol.Compute.V1;

namespace OpenShell.Driver.Vm.Services;

/// <summary>
/// What the gateway derives a sandbox's phase from.
/// </summary>
/// <remarks>
/// The gateway takes every reason of Ready=False for an error that is not one of a few it knows to pass (Starting and
/// DependenciesNotReady among them). So a stopped machine is Suspended=True, which comes first there, and its
/// Ready=False carries a reason that passes. Once QEMU runs, the condition stays as it is: that the sandbox can be used
/// is known to the gateway only, from its supervisor's session.
/// </remarks>
internal static class Conditions
{
    private const string Ready = "Ready";
    private const string Suspended = "Suspended";
    private const string True = "True";
    private const string False = "False";
    private const string Starting = "Starting";
    private const string DependenciesNotReady = "DependenciesNotReady";

    public static IEnumerable<DriverCondition> Of(MachineSnapshot snapshot) => snapshot.State switch
    {
        MachineState.Starting => [New(snapshot, Ready, False, Starting, "VM is starting")],
        MachineState.Running when snapshot.HostDiskFull is { } full => [New(snapshot, Ready, False, "HostDiskFull", full)],
        MachineState.Running => [New(snapshot, Ready, False, Starting, "VM is running; waiting for its supervisor")],
        MachineState.Stopping =>
        [
            New(snapshot, Ready, False, DependenciesNotReady, "VM is stopping"),
            New(snapshot, Suspended, False, "ComputeStopping", "VM is stopping"),
        ],
        MachineState.Stopped =>
        [
            New(snapshot, Ready, False, DependenciesNotReady, "VM is stopped"),
            New(snapshot, Suspended, True, "ComputeStopped", "VM is stopped; its disk is kept"),
        ],
        MachineState.Failed => [New(snapshot, Ready, False, snapshot.Failure!.Reason, snapshot.Failure.Message)],
        _ => [New(snapshot, Ready, False, "Deleting", "VM is being deleted")],
    };

    private static DriverCondition New(MachineSnapshot snapshot, string type, string status, string reason, string message) => new()
    {
        Type = type,
        Status = status,
        Reason = reason,
        Message = message,
        TransitionTime = Timestamp.FromDateTimeOffset(snapshot.Since),
    };
}
