using Microsoft.Extensions.Logging;
using OpenShell.Driver.Vm.Qemu;

namespace OpenShell.Driver.Vm.Acceleration;

/// <summary>Log messages about acceleration.</summary>
internal sealed partial class AccelerationLog(ILogger<AccelerationLog> logger)
{
    public void Decided(Accelerator accelerator, string? problem)
    {
        if (problem is null)
        {
            UsesKvm(logger, accelerator);
        }
        else
        {
            FallsBack(logger, problem);
        }
    }

    [LoggerMessage(EventName = "AccelerationChosen", Level = LogLevel.Information, Message = "Machines run on {Accelerator}")]
    private static partial void UsesKvm(ILogger logger, Accelerator accelerator);

    [LoggerMessage(EventName = "AccelerationFallback", Level = LogLevel.Warning, Message = "Machines are emulated in software: {Problem}")]
    private static partial void FallsBack(ILogger logger, string problem);
}
