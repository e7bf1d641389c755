using Microsoft.Extensions.Hosting;

namespace OpenShell.Driver.Kit.Hosting;

/// <summary>Ends the driver when its standard input ends: that is how it learns that its gateway was killed.</summary>
internal sealed class Lifeline(IHostApplicationLifetime lifetime, DriverLog log) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // Not disposed: a read of it cannot be interrupted, and one is pending when the driver ends for another reason.
        var input = Console.OpenStandardInput();
        try
        {
            var buffer = new byte[256];
            while (await input.ReadAsync(buffer, CancellationToken.None).AsTask().WaitAsync(stoppingToken) > 0)
            {
            }
        }
        catch (IOException)
        {
            // As good as its end.
        }

        log.LifelineEnded();
        lifetime.StopApplication();
    }
}
