using System.Collections.Immutable;
using OpenShell.Gateway.Compute;
using OpenShell.Gateway.Readiness;
using OpenShell.Gateway.Sandboxes;
using OpenShell.Gateway.Store;
using OpenShell.Protocol.Outcomes;

namespace OpenShell.Gateway.Lifecycle;

/// <summary>What to create; checked by the caller.</summary>
/// <param name="Name">Empty: one is made up.</param>
/// <param name="Spec">The SandboxSpec as it came.</param>
internal sealed record CreateSandboxArguments(
    string Name,
    string Workspace,
    ImmutableDictionary<string, string> Labels,
    ImmutableDictionary<string, string> Annotations,
    ReadOnlyMemory<byte> Spec)
{
    public SandboxRestartPolicy RestartPolicy { get; init; } = SandboxRestartPolicy.Never;

    /// <inheritdoc cref="SandboxRecord.AwaitsAttachment"/>
    public bool AwaitsAttachment { get; init; }
}

/// <summary>Creates sandboxes: all there or nothing there.</summary>
internal sealed class SandboxCreator(
    SandboxDirectory sandboxes,
    DriverClient driver,
    SandboxLocks locks,
    ReadinessController readiness,
    SandboxNotes notes,
    TimeProvider time)
{
    private const int NameAttempts = 20;

    /// <summary>
    /// Stores the sandbox, hands it to the driver and returns it in phase PROVISIONING. The row comes first, so that a
    /// quick supervisor finds it; if the driver refuses, the row goes again. Not cancellable half-way.
    /// </summary>
    public async Task<Outcome<SandboxRecord>> CreateAsync(CreateSandboxArguments arguments, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var record = readiness.Life.WithAttempt(new SandboxRecord
        {
            Id = Guid.NewGuid().ToString(),
            Name = arguments.Name,
            Workspace = arguments.Workspace,
            Labels = arguments.Labels,
            Annotations = arguments.Annotations,
            Spec = arguments.Spec,
            CreatedAt = now.AsStored(),
            RestartPolicy = arguments.RestartPolicy,
            AwaitsAttachment = arguments.AwaitsAttachment,
        }).WithReady(SandboxCondition.False, "Starting", "Sandbox requested", now);

        if (await driver.ValidateAsync(record with { Name = NameOr(record, "validation") }, cancellationToken) is { } refusal)
        {
            return refusal;
        }

        // Until the driver has it, nobody else decides that this sandbox has no machine.
        using var held = await locks.EnterAsync(record.Id, CancellationToken.None);
        var stored = await StoreAsync(record);
        if (!stored.Succeeded(out record!, out var taken))
        {
            return taken;
        }

        notes.Stored(record);
        readiness.Note(record);
        var failure = await driver.EnsureWorkspaceAsync(record.Workspace, CancellationToken.None)
            ?? await driver.CreateAsync(record, CancellationToken.None);
        if (failure is null)
        {
            notes.Created(record);
            return record;
        }

        if (failure.Kind is FailureKind.Unavailable or FailureKind.DeadlineExceeded or FailureKind.Internal)
        {
            // The driver may have it all the same. What is noted as deleted is deleted by the reconciler, there as here.
            await readiness.ChangeLockedAsync(record.Id, r => r with { Phase = SandboxPhase.Deleting }, CancellationToken.None);
        }
        else
        {
            await readiness.DeleteLockedAsync(record.Id);
        }

        return failure;
    }

    private static string NameOr(SandboxRecord record, string fallback) => record.Name.Length > 0 ? record.Name : fallback;

    private async Task<Outcome<SandboxRecord>> StoreAsync(SandboxRecord record)
    {
        for (var attempt = 0; attempt < NameAttempts; attempt++)
        {
            var named = record with { Name = NameOr(record, SandboxNames.Generate()), ResourceVersion = 1 };
            if (await sandboxes.AddAsync(named, CancellationToken.None) is not { } refusal)
            {
                return named;
            }

            if (record.Name.Length > 0 || refusal.Kind != FailureKind.AlreadyExists)
            {
                return refusal;
            }
        }

        return new Failure(FailureKind.ResourceExhausted, "no free generated name was found; give a name");
    }
}
