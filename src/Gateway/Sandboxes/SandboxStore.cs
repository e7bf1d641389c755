using OpenShell.Gateway.Store;

namespace OpenShell.Gateway.Sandboxes;

/// <summary>Sandboxes in the object store.</summary>
internal sealed class SandboxStore : EntityStore<SandboxRecord>
{
    public SandboxStore(IObjectStore store, TimeProvider time)
        : base(store, time, "sandbox") => Boots = new CurrentBoots(this);

    /// <summary>The boots that the rows are in.</summary>
    public CurrentBoots Boots { get; }

    public async Task<SandboxRecord?> GetByNameAsync(string workspace, string name, CancellationToken cancellationToken) =>
        await Store.GetByNameAsync(Type, workspace, name, cancellationToken) is { } row ? FromObject(row) : null;

    /// <summary>Writes a changed record over the version it was read with; the result has the new version.</summary>
    public async Task<(StoreOutcome Outcome, SandboxRecord Record)> UpdateAsync(SandboxRecord record, CancellationToken cancellationToken)
    {
        if (record.IsUnreadable)
        {
            // Somebody may still mend the row by hand.
            return (StoreOutcome.Done, record);
        }

        var result = await Store.UpdateAsync(ToObject(record), record.ResourceVersion, cancellationToken);
        if (result.Outcome == StoreOutcome.Done)
        {
            Boots.Written(record.Id, record.BootEpoch);
        }

        return (result.Outcome, record with { ResourceVersion = result.ResourceVersion });
    }

    public override async Task<StoreOutcome> DeleteAsync(string id, CancellationToken cancellationToken)
    {
        var outcome = await base.DeleteAsync(id, cancellationToken);
        if (outcome is StoreOutcome.Done or StoreOutcome.NotFound)
        {
            Boots.Removed(id);
        }

        return outcome;
    }

    protected override StoredObject ToObject(SandboxRecord record) => new()
    {
        Type = Type,
        Id = record.Id,
        Workspace = record.Workspace,
        Name = record.Name,
        Labels = record.Labels,
        CreatedAt = record.CreatedAt,
        UpdatedAt = Now,
        Payload = new SandboxPayload
        {
            Spec = record.Spec.ToArray(),
            Annotations = record.Annotations,
            Phase = record.Phase,
            Conditions = record.Conditions,
            BootEpoch = record.BootEpoch,
            Run = record.Run,
            InstanceId = record.InstanceId,
            ExitCode = record.ExitCode,
            ExitEpoch = record.ExitEpoch,
            MainProcessStarted = record.MainProcessStarted,
            OutputAwaitedUntil = record.OutputAwaitedUntil,
            RestartPolicy = record.RestartPolicy,
            RestartCount = record.RestartCount,
            NextRestart = record.NextRestart,
            Provisioning = record.Provisioning,
            Admission = record.Admission,
            LoadedPolicyVersion = record.LoadedPolicyVersion,
            AwaitsAttachment = record.AwaitsAttachment,
            HostKeyFingerprint = record.HostKeyFingerprint,
        }.ToJson(),
    };

    protected override SandboxRecord FromObject(StoredObject row)
    {
        if (ReadPayload(row, SandboxPayloadJson.Default.SandboxPayload) is not { } payload)
        {
            return Unreadable(row);
        }

        return new SandboxRecord
        {
            Id = row.Id,
            Name = row.Name,
            Workspace = row.Workspace,
            Labels = row.Labels,
            Annotations = payload.Annotations,
            Spec = payload.Spec,
            Phase = payload.Phase,
            Conditions = payload.Conditions,
            BootEpoch = payload.BootEpoch,
            Run = payload.Run == 0 ? payload.BootEpoch : payload.Run,
            InstanceId = payload.InstanceId,
            ExitCode = payload.ExitCode,
            ExitEpoch = payload is { ExitCode: not null, ExitEpoch: 0 } ? payload.BootEpoch : payload.ExitEpoch,
            MainProcessStarted = payload.MainProcessStarted,
            OutputAwaitedUntil = payload.OutputAwaitedUntil,
            RestartPolicy = payload.RestartPolicy == SandboxRestartPolicy.Unspecified ? SandboxRestartPolicy.Never : payload.RestartPolicy,
            RestartCount = payload.RestartCount,
            NextRestart = payload.NextRestart,
            Provisioning = payload.Provisioning,
            Admission = payload.Admission,
            LoadedPolicyVersion = payload.LoadedPolicyVersion,
            AwaitsAttachment = payload.AwaitsAttachment,
            HostKeyFingerprint = payload.HostKeyFingerprint ?? "",
            CreatedAt = row.CreatedAt,
            ResourceVersion = row.ResourceVersion,
        };
    }

    private static SandboxRecord Unreadable(StoredObject row) => new SandboxRecord
    {
        Id = row.Id,
        Name = row.Name,
        Workspace = row.Workspace,
        Labels = row.Labels,
        Spec = ReadOnlyMemory<byte>.Empty,
        Phase = SandboxPhase.Error,
        // No boot has it: whatever token there is, it is of none that is known.
        BootEpoch = 0,
        Run = 0,
        CreatedAt = row.CreatedAt,
        ResourceVersion = row.ResourceVersion,
        IsUnreadable = true,
    }.WithReady(
        SandboxCondition.False,
        "RecordUnreadable",
        "What the gateway's database has of this sandbox is damaged; its disk is kept until the sandbox is deleted",
        row.UpdatedAt);
}
