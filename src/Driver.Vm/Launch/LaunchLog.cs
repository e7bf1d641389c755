using Microsoft.Extensions.Logging;

namespace OpenShell.Driver.Vm.Launch;

/// <summary>Log messages about starting machines.</summary>
internal sealed partial class LaunchLog(ILogger<LaunchLog> logger)
{
    [LoggerMessage(1, LogLevel.Warning, "No sandbox can be started yet: {Problem}", EventName = "WarmUpFailed")]
    public partial void WarmUpFailed(string problem);

    [LoggerMessage(2, LogLevel.Information, "Sandbox {SandboxId}: QEMU runs with acceleration {Acceleration}", EventName = "MachineLaunched")]
    public partial void Launched(string sandboxId, string acceleration);
}
