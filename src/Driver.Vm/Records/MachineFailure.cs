namespace OpenShell.Driver.Vm.Records;

/// <summary>Why a sandbox can no longer be used.</summary>
/// <param name="Reason">One of the reasons in <see cref="FailureReasons"/>.</param>
/// <param name="Message">For people; never holds a secret of ours.</param>
internal sealed record MachineFailure(string Reason, string Message);
