using System.Collections.Immutable;
using System.Text.Json;
using OpenShell.Gateway.Store;

namespace OpenShell.Gateway.Sandboxes;

/// <summary>Sandboxes in the object store. Atomicity and races are those of <see cref="IObjectStore"/>.</summary>
internal sealed class SandboxStore
{
    private const string Type = "sandbox";

    private readonly IObjectStore _store;
    private readonly TimeProvider _time;

    public SandboxStore(IObjectStore store, TimeProvider time)
    {
        (_store, _time) = (store, time);
        Boots = new CurrentBoots(this);
    }

    /// <summary>The boots that the rows are in.</summary>
    public CurrentBoots Boots { get; }

    /// <summary>Adds a sandbox. AlreadyExists if its name is taken in its workspace.</summary>
    public async Task<StoreOutcome> CreateAsync(SandboxRecord record, CancellationToken cancellationToken) =>
        (await _store.CreateAsync(ToObject(record), cancellationToken)).Outcome;

    public async Task<SandboxRecord?> GetAsync(string id, CancellationToken cancellationToken) =>
        FromObject(await _store.GetAsync(Type, id, cancellationToken));

    public async Task<SandboxRecord?> GetByNameAsync(string workspace, string name, CancellationToken cancellationToken) =>
        FromObject(await _store.GetByNameAsync(Type, workspace, name, cancellationToken));

    /// <summary>Sandboxes by age.</summary>
    public async Task<IReadOnlyList<SandboxRecord>> ListAsync(
        string? workspace, ImmutableDictionary<string, string> labels, int limit, int offset, CancellationToken cancellationToken)
    {
        var rows = await _store.ListAsync(new ObjectQuery(Type, workspace, labels, limit, offset), cancellationToken);
        return [.. rows.Select(row => FromObject(row)!)];
    }

    /// <summary>Every sandbox, read page by page.</summary>
    public async Task<IReadOnlyList<SandboxRecord>> ListAllAsync(CancellationToken cancellationToken)
    {
        const int Page = 1000;
        var all = new List<SandboxRecord>();
        while (true)
        {
            var page = await ListAsync(null, ImmutableDictionary<string, string>.Empty, Page, all.Count, cancellationToken);
            all.AddRange(page);
            if (page.Count < Page)
            {
                return all;
            }
        }
    }

    /// <summary>Writes a changed record over the version it was read with; the result has the new version.</summary>
    public async Task<(StoreOutcome Outcome, SandboxRecord Record)> UpdateAsync(SandboxRecord record, CancellationToken cancellationToken)
    {
        if (record.IsUnreadable)
        {
            // Somebody may still mend the row by hand.
            return (StoreOutcome.Done, record);
        }

        var result = await _store.UpdateAsync(ToObject(record), record.ResourceVersion, cancellationToken);
        if (result.Outcome == StoreOutcome.Done)
        {
            Boots.Written(record.Id, record.BootEpoch);
        }

        return (result.Outcome, record with { ResourceVersion = result.ResourceVersion });
    }

    public async Task<StoreOutcome> DeleteAsync(string id, CancellationToken cancellationToken)
    {
        var result = await _store.DeleteAsync(Type, id, cancellationToken);
        if (result.Outcome is StoreOutcome.Done or StoreOutcome.NotFound)
        {
            Boots.Removed(id);
        }

        return result.Outcome;
    }

    private StoredObject ToObject(SandboxRecord record) => new()
    {
        Type = Type,
        Id = record.Id,
        Workspace = record.Workspace,
        Name = record.Name,
        Labels = record.Labels,
        CreatedAt = record.CreatedAt,
        UpdatedAt = _time.GetUtcNow(),
        Payload = new SandboxPayload
        {
            Spec = record.Spec.ToArray(),
            Annotations = record.Annotations,
            Phase = record.Phase,
            Conditions = record.Conditions,
            BootEpoch = record.BootEpoch,
            InstanceId = record.InstanceId,
            ExitCode = record.ExitCode,
        }.ToJson(),
    };

    private static SandboxRecord? FromObject(StoredObject? row)
    {
        if (row is null)
        {
            return null;
        }

        if (ReadPayload(row) is not { } payload)
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
            InstanceId = payload.InstanceId,
            ExitCode = payload.ExitCode,
            CreatedAt = row.CreatedAt,
            ResourceVersion = row.ResourceVersion,
        };
    }

    private static SandboxPayload? ReadPayload(StoredObject row)
    {
        try
        {
            return SandboxPayload.FromJson(row.Payload.Span);
        }
        catch (JsonException)
        {
            return null;
        }
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
        CreatedAt = row.CreatedAt,
        ResourceVersion = row.ResourceVersion,
        IsUnreadable = true,
    }.WithReady(
        SandboxCondition.False,
        "RecordUnreadable",
        "What the gateway's database has of this sandbox is damaged; its disk is kept until the sandbox is deleted",
        row.UpdatedAt);
}
