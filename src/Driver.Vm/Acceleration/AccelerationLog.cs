using Microsoft.Extensions.Logging;
using OpenShell.Driver.Vm.Qemu;

namespace OpenShell.Driver.Vm.Acceleration;

/// <summary>Log messages about acceleration.</summary>
internal sealed partial class AccelerationLog(ILogger<AccelerationLog> logger)
{
    [LoggerMessage(1, LogLevel.Information, "Machines run on {Accelerator}", EventName = "AccelerationChosen")]
    public partial void Chosen(Accelerator accelerator);

    [LoggerMessage(2, LogLevel.Warning, "{Reason}; machines are emulated in software, which is slower", EventName = "AccelerationFallback")]
    public partial void FallsBack(string reason);

    [LoggerMessage(3, LogLevel.Debug, "No guest ran under KVM: {Detail}", EventName = "KvmProbeFailed")]
    public partial void ProbeFailed(string detail);

    [LoggerMessage(4, LogLevel.Warning, "{Path} cannot be written ({Problem}): the next driver looks for KVM again", EventName = "KvmFindingNotKept")]
    public partial void NotKept(string path, string problem);
}
