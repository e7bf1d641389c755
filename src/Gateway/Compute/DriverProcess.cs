using System.ComponentModel;
using System.Diagnostics;
using OpenShell.Gateway.Configuration;
using OpenShell.Protocol;
using OpenShell.Protocol.Outcomes;

namespace OpenShell.Gateway.Compute;

/// <summary>
/// Runs the driver and starts it again when it dies. The driver holds the other end of its stdin: when the gateway is
/// killed, the pipe closes and the driver exits by itself, leaving its machines to the next one.
/// </summary>
internal sealed class DriverProcess(
    DriverLaunchOptions options,
    DriverClient client,
    IHostApplicationLifetime lifetime,
    TimeProvider time,
    ILogger<DriverProcess> logger) : BackgroundService
{
    private static readonly TimeSpan StopGrace = TimeSpan.FromSeconds(5);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (!await lifetime.HasStartedAsync(stoppingToken))
        {
            return;
        }

        var backoff = new Backoff(TimeSpan.FromMilliseconds(200), TimeSpan.FromSeconds(5), Random.Shared);
        while (!stoppingToken.IsCancellationRequested)
        {
            var started = time.GetTimestamp();
            var exitCode = await RunOnceAsync(stoppingToken);
            if (stoppingToken.IsCancellationRequested)
            {
                return;
            }

            if (time.GetElapsedTime(started) > TimeSpan.FromMinutes(1))
            {
                backoff.Reset();
            }

            var delay = backoff.Next();
            DriverMetrics.DriverRestarts();
            DriverLog.DriverExited(logger, exitCode, delay);
            await Task.Delay(delay, time, stoppingToken);
        }
    }

    private async Task<int> RunOnceAsync(CancellationToken stoppingToken)
    {
        using var process = new Process { StartInfo = StartInfo() };
        try
        {
            process.Start();
        }
        catch (Win32Exception e)
        {
            DriverLog.StartFailed(logger, options.Binary, e.Message);
            return -1;
        }

        try
        {
            var exited = process.WaitForExitAsync(stoppingToken);
            await AnnounceAsync(exited, stoppingToken);
            await exited;
            return process.ExitCode;
        }
        catch (OperationCanceledException)
        {
            await StopAsync(process);
            return 0;
        }
    }

    private async Task AnnounceAsync(Task exited, CancellationToken stoppingToken)
    {
        while (!exited.IsCompleted)
        {
            if ((await client.GetInfoAsync(stoppingToken)).Succeeded(out var driver, out var failure))
            {
                DriverLog.DriverUp(logger, driver.Name, driver.Version);
                return;
            }

            if (failure.Kind == FailureKind.FailedPrecondition)
            {
                // The gateway's end, if it has just started, or what every call is answered from now on.
                DriverLog.Refused(logger, failure.Message);
                return;
            }
        }
    }

    private async Task StopAsync(Process process)
    {
        process.StandardInput.Close();
        using var grace = new CancellationTokenSource(StopGrace, time);
        try
        {
            await process.WaitForExitAsync(grace.Token);
        }
        catch (OperationCanceledException)
        {
            DriverLog.DriverKilled(logger, StopGrace);
            process.Kill();
            await process.WaitForExitAsync(CancellationToken.None);
        }
    }

    private ProcessStartInfo StartInfo() => new(options.Binary)
    {
        // stdout and stderr are the gateway's own: its log is one stream.
        RedirectStandardInput = true,
        ArgumentList =
        {
            "--socket", options.Socket,
            "--state-dir", options.StateDirectory,
            "--supervisor-endpoint", options.SupervisorEndpoint,
            "--accel", options.Acceleration,
            "--min-free-disk", options.MinFreeDisk,
            "--log-level", options.LogLevel.ToString(),
            "--lifeline", "stdin",
        },
    };
}
