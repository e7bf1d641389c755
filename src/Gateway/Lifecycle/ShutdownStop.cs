using OpenShell.Gateway.Compute;
using OpenShell.Gateway.Sandboxes;
using OpenShell.Protocol.Outcomes;

namespace OpenShell.Gateway.Lifecycle;

/// <summary>
/// Powers the machines off when the gateway ends in order, also those whose main process has ended. The stored phases stay as
/// they are: the next start brings back what was to run, and what a restart policy starts when its time has come.
/// </summary>
internal sealed class ShutdownStop(SandboxStore store, DriverClient driver, ILogger<ShutdownStop> logger)
{
    // Each is mostly waiting for a guest; more would make the guests of a small host slower than their grace.
    private const int Concurrency = 16;

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var records = await store.ListAllAsync(cancellationToken);
        await Parallel.ForEachAsync(records.Where(r => r.IsToRun || r.HasEnded), ManyAtOnce(cancellationToken), async (record, token) =>
        {
            if (await driver.StopAsync(record, force: false, token) is { } failure && failure.Kind != FailureKind.NotFound)
            {
                SandboxLog.Failed(logger, record.Name, record.Id, "stop at shutdown", failure.Message);
            }
        });
    }

    public static ParallelOptions ManyAtOnce(CancellationToken cancellationToken) =>
        new() { MaxDegreeOfParallelism = Concurrency, CancellationToken = cancellationToken };
}
