using System.Collections.Immutable;
using OpenShell.Gateway.Auth;
using OpenShell.Gateway.Compute;
using OpenShell.Gateway.Sandboxes;
using OpenShell.Gateway.Store;
using OpenShell.Protocol.Logs;
using OpenShell.Protocol.Outcomes;

namespace OpenShell.Gateway.Lifecycle;

/// <summary>What to create; checked by the caller.</summary>
/// <param name="Name">Empty: one is made up.</param>
/// <param name="Workspace">Where.</param>
/// <param name="Labels">For selectors.</param>
/// <param name="Annotations">For anybody.</param>
/// <param name="Spec">The SandboxSpec as it came.</param>
internal sealed record SandboxCreation(
    string Name,
    string Workspace,
    ImmutableDictionary<string, string> Labels,
    ImmutableDictionary<string, string> Annotations,
    ReadOnlyMemory<byte> Spec);

/// <summary>Creates sandboxes: all there or nothing there.</summary>
internal sealed class SandboxCreator(
    SandboxStore store,
    ComputeClient driver,
    SandboxTokens tokens,
    LiveSandboxes live,
    TimeProvider time,
    ILogger<SandboxCreator> logger)
{
    private const int NameAttempts = 20;

    /// <summary>
    /// Stores the sandbox, hands it to the driver and returns it in phase PROVISIONING. The row comes first, so that a
    /// quick supervisor finds it; if the driver refuses, the row goes again. Not cancellable half-way.
    /// </summary>
    public async Task<Outcome<SandboxRecord>> CreateAsync(SandboxCreation creation, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var record = new SandboxRecord
        {
            Id = Guid.NewGuid().ToString(),
            Name = creation.Name,
            Workspace = creation.Workspace,
            Labels = creation.Labels,
            Annotations = creation.Annotations,
            Spec = creation.Spec,
            CreatedAt = now,
        }.WithReady(SandboxCondition.False, "Starting", "Sandbox requested", now);

        var validated = await driver.ValidateAsync(record with { Name = NameOr(record, "validation") }, cancellationToken);
        if (!validated.Succeeded(out _, out var refusal))
        {
            return refusal;
        }

        // Until the driver has it, nobody else decides that this sandbox has no machine.
        using var gate = await live.Gates.EnterAsync(record.Id, CancellationToken.None);
        var stored = await StoreAsync(record);
        if (!stored.Succeeded(out record!, out var taken))
        {
            return taken;
        }

        live.Journal.Open(record.Id);
        live.Journal.Note(record.Id, LogLevels.Info, "sandbox", $"sandbox {record.Name} created");
        var token = tokens.Issue(record.Id, record.BootEpoch).Value;
        var created = await driver.CreateAsync(record, token, CancellationToken.None);
        if (!created.Succeeded(out _, out var failure))
        {
            if (failure.Kind is FailureKind.Unavailable or FailureKind.DeadlineExceeded or FailureKind.Internal)
            {
                // The driver may have it all the same. What is noted as deleted is deleted by the reconciler, there as here.
                await live.Readiness.ChangeUnderGateAsync(
                    record.Id, r => r with { Phase = SandboxPhase.Deleting }, CancellationToken.None);
                return failure;
            }

            await store.DeleteAsync(record.Id, CancellationToken.None);
            live.Forget(record.Id);
            return failure;
        }

        SandboxLog.Created(logger, record.Name, record.Id);
        return record;
    }

    private static string NameOr(SandboxRecord record, string fallback) => record.Name.Length > 0 ? record.Name : fallback;

    private async Task<Outcome<SandboxRecord>> StoreAsync(SandboxRecord record)
    {
        for (var attempt = 0; attempt < NameAttempts; attempt++)
        {
            var named = record with { Name = NameOr(record, SandboxNames.Generate()), ResourceVersion = 1 };
            if (await store.CreateAsync(named, CancellationToken.None) == StoreOutcome.Done)
            {
                return named;
            }

            if (record.Name.Length > 0)
            {
                return new Failure(FailureKind.AlreadyExists, $"sandbox '{record.Name}' already exists");
            }
        }

        return new Failure(FailureKind.ResourceExhausted, "no free generated name was found; give a name");
    }
}
