using OpenShell.Gateway.Compute;
using OpenShell.Gateway.Readiness;
using OpenShell.Gateway.Sandboxes;
using OpenShell.Protocol.Outcomes;

namespace OpenShell.Gateway.Lifecycle;

/// <summary>
/// What happens to sandboxes around the life of the gateway. At start: those that should run are started if their
/// machine is not there any more, and stops and deletions that were under way are finished (running machines are left alone; their supervisors come back by themselves).
/// At an orderly stop: the machines are powered off, and the stored phases stay as they are.
/// </summary>
internal sealed class SandboxSweep(
    SandboxStore store, ComputeClient driver, LiveSandboxes live, SandboxLifecycle lifecycle, TimeProvider time, ILogger<SandboxSweep> logger)
{
    // As many as the system we follow; each is mostly waiting.
    private const int Concurrency = 16;

    /// <summary>
    /// Before anything is served: the logs of all sandboxes begin anew (they are in memory), and what was Ready when the
    /// gateway was killed is not, until its supervisor is back.
    /// </summary>
    public async Task ForgetSessionsAsync(CancellationToken cancellationToken)
    {
        var records = await store.ListAllAsync(cancellationToken);
        foreach (var record in records)
        {
            if (record.IsUnreadable)
            {
                SandboxLog.RowUnreadable(logger, record.Name, record.Id);
            }

            live.Journal.Open(record.Id);
        }

        await Task.WhenAll(records
            .Where(r => r.Phase == SandboxPhase.Ready)
            .Select(r => live.Readiness.ReevaluateAsync(r.Id, cancellationToken)));
    }

    /// <summary>Brings the sandboxes that were running when the gateway ended back.</summary>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        var records = await store.ListAllAsync(cancellationToken);
        await Parallel.ForEachAsync(
            records.Where(r => IsRunning(r) || IsUnfinished(r)), Options(cancellationToken), async (r, c) => await RecoverAsync(r, c));
    }

    /// <summary>Powers every running machine off.</summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        var records = await store.ListAllAsync(cancellationToken);
        await Parallel.ForEachAsync(records.Where(IsRunning), Options(cancellationToken), async (record, token) =>
        {
            var stopped = await driver.StopAsync(record, force: false, token);
            if (!stopped.Succeeded(out _, out var failure) && failure.Kind != FailureKind.NotFound)
            {
                SandboxLog.Failed(logger, record.Name, record.Id, "stop at shutdown", failure.Message);
            }
        });
    }

    private async Task RecoverAsync(SandboxRecord sandbox, CancellationToken cancellationToken)
    {
        using var gate = await live.Gates.EnterAsync(sandbox.Id, cancellationToken);
        var current = await store.GetAsync(sandbox.Id, cancellationToken);
        if (current is not null && IsUnfinished(current))
        {
            // What fails is tried again by the reconcile loop.
            _ = current.Phase == SandboxPhase.Stopping
                ? await lifecycle.StopUnderGateAsync(current)
                : await lifecycle.DeleteUnderGateAsync(current);
            return;
        }

        if (current is null || !IsRunning(current))
        {
            return;
        }

        var found = await driver.GetAsync(current, cancellationToken);
        if (!found.Succeeded(out var answer, out var failure))
        {
            if (failure.Kind == FailureKind.NotFound)
            {
                await FailAsync(
                    current.Id, "BackendResourceMissing", "Sandbox compute resource disappeared while the gateway was offline");
            }

            return;
        }

        var snapshot = DriverMapping.ToSnapshot(answer.Sandbox.Status);
        if (snapshot.Phase != BackendPhase.Stopped && !current.IsRestarting)
        {
            if (snapshot.Phase is BackendPhase.Ready or BackendPhase.Provisioning && await lifecycle.RestartIfKeyIsNewUnderGateAsync(current))
            {
                return;
            }

            live.Backends.Set(current.Id, snapshot);
            await live.Readiness.ChangeUnderGateAsync(current.Id, r => r, cancellationToken);
            return;
        }

        var started = await lifecycle.StartUnderGateAsync(current);
        if (!started.Succeeded(out _, out var refused))
        {
            await FailAsync(current.Id, "StartFailed", $"Failed to start sandbox during gateway startup: {refused.Message}");
        }
    }

    private Task FailAsync(string sandboxId, string reason, string message) =>
        live.Readiness.ChangeUnderGateAsync(
            sandboxId,
            r => r.WithReady(SandboxCondition.False, reason, message, time.GetUtcNow()) with { Phase = SandboxPhase.Error },
            CancellationToken.None);

    private static bool IsRunning(SandboxRecord record) => record.Phase
        is SandboxPhase.Unspecified or SandboxPhase.Provisioning or SandboxPhase.Ready or SandboxPhase.Starting or SandboxPhase.Unknown;

    // The gateway was killed in the middle of a stop or a deletion. (A start is among those that run.)
    private static bool IsUnfinished(SandboxRecord record) => record.Phase is SandboxPhase.Stopping or SandboxPhase.Deleting;

    private static ParallelOptions Options(CancellationToken cancellationToken) =>
        new() { MaxDegreeOfParallelism = Concurrency, CancellationToken = cancellationToken };
}
