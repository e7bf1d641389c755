using Microsoft.Extensions.Hosting;
using OpenShell.Driver.Vm.Launch;

namespace OpenShell.Driver.Vm.Hosting;

/// <summary>Prepares what the first sandbox would otherwise have to wait for.</summary>
internal sealed class WarmUp(IMachineStarter starter, LaunchLog log) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            await starter.WarmUpAsync(stoppingToken);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Creating a sandbox says the same to the one who asks for it.
            log.WarmUpFailed(e.Message);
        }
    }
}
