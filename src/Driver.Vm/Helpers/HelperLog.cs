using Microsoft.Extensions.Logging;

namespace OpenShell.Driver.Vm.Helpers;

/// <summary>Log messages about the helpers of machines, and about what they isolate.</summary>
internal sealed partial class HelperLog(ILogger<HelperLog> logger)
{
    [LoggerMessage(1, LogLevel.Warning, "Sandbox {SandboxId}: the helper of its machine has ended; starting another", EventName = "MachineHelperEnded")]
    public partial void Ended(string sandboxId);

    [LoggerMessage(2, LogLevel.Error, "Sandbox {SandboxId}: its machine has no helper, and so no uplink; trying again in {Delay}: {Problem}", EventName = "MachineHelperMissing")]
    public partial void Missing(string sandboxId, TimeSpan delay, string problem);

    [LoggerMessage(3, LogLevel.Information, "Sandbox {SandboxId}: process {ProcessId} is the helper of its machine", EventName = "MachineHelperStarted")]
    public partial void Started(string sandboxId, int processId);

    [LoggerMessage(4, LogLevel.Warning, "{Problem}", EventName = "NetworkNotIsolated")]
    public partial void NotIsolated(string problem);
}
