using System.Collections.Frozen;
using System.Text.Json;
using OpenShell.Gateway.Store;

namespace OpenShell.Gateway.Workspaces;

/// <summary>Workspaces in the object store.</summary>
internal sealed class WorkspaceStore(IObjectStore store, TimeProvider time) : EntityStore<WorkspaceRecord>(store, time, WorkspaceStore.ObjectType)
{
    private const string ObjectType = "workspace";

    // What keeps a workspace from being deleted, as people are told it. Other rows of a workspace are bookkeeping.
    private static readonly FrozenDictionary<string, string> Kinds = new Dictionary<string, string>
    {
        ["sandbox"] = "sandbox",
        ["sandbox_template"] = "sandbox template",
        ["service"] = "service",
        ["provider"] = "provider",
    }.ToFrozenDictionary();

    public async Task<WorkspaceRecord?> GetByNameAsync(string name, CancellationToken cancellationToken) =>
        await Store.GetByNameAsync(Type, "", name, cancellationToken) is { } row ? FromObject(row) : null;

    /// <summary>Writes a changed record over the version it was read with; the result has the new version.</summary>
    public async Task<(StoreOutcome Outcome, WorkspaceRecord Record)> UpdateAsync(WorkspaceRecord record, CancellationToken cancellationToken)
    {
        var result = await Store.UpdateAsync(ToObject(record), record.ResourceVersion, cancellationToken);
        return (result.Outcome, record with { ResourceVersion = result.ResourceVersion });
    }

    /// <summary>Which kinds of things a workspace still has, for people.</summary>
    public async Task<IReadOnlyList<string>> ListKindsInAsync(string workspace, CancellationToken cancellationToken) =>
        [.. (await Store.ListTypesAsync(workspace, cancellationToken)).Where(Kinds.ContainsKey).Select(t => Kinds[t]).Order(StringComparer.Ordinal)];

    /// <summary>What is created behind it is created only while the workspace is as this record says.</summary>
    public static ObjectFence FenceOf(WorkspaceRecord record) => new(ObjectType, record.Id, record.ResourceVersion);

    protected override StoredObject ToObject(WorkspaceRecord record) => new()
    {
        Type = Type,
        Id = record.Id,
        Workspace = "",
        Name = record.Name,
        Labels = record.Labels,
        CreatedAt = record.CreatedAt,
        UpdatedAt = Now,
        Payload = JsonSerializer.SerializeToUtf8Bytes(
            new WorkspacePayload(record.Phase, record.DeletionAt), WorkspacePayloadJson.Default.WorkspacePayload),
    };

    // One that is damaged is one that nobody deletes: a deletion that was begun can be begun again.
    protected override WorkspaceRecord FromObject(StoredObject row)
    {
        var payload = ReadPayload(row, WorkspacePayloadJson.Default.WorkspacePayload);
        return new WorkspaceRecord
        {
            Id = row.Id,
            Name = row.Name,
            Labels = row.Labels,
            Phase = payload?.Phase == WorkspacePhase.Terminating ? WorkspacePhase.Terminating : WorkspacePhase.Active,
            CreatedAt = row.CreatedAt,
            DeletionAt = payload?.DeletionAt,
            ResourceVersion = row.ResourceVersion,
        };
    }
}
