using System.Collections.Immutable;
using System.Text.Json;
using OpenShell.Gateway.Store;

namespace OpenShell.Gateway.Forwarding;

/// <summary>SSH sessions in the object store. Atomicity and races are those of <see cref="IObjectStore"/>.</summary>
internal sealed class SshSessionStore(IObjectStore store, TimeProvider time)
{
    private const string Type = "ssh_session";

    public async Task<StoreOutcome> CreateAsync(SshSessionRecord record, CancellationToken cancellationToken) =>
        (await store.CreateAsync(ToObject(record), cancellationToken)).Outcome;

    public async Task<SshSessionRecord?> GetAsync(string id, CancellationToken cancellationToken) =>
        await store.GetAsync(Type, id, cancellationToken) is { } row ? FromObject(row) : null;

    /// <summary>Sessions by age.</summary>
    public async Task<IReadOnlyList<SshSessionRecord>> ListAsync(int limit, int offset, CancellationToken cancellationToken)
    {
        var query = new ObjectQuery(Type, null, ImmutableDictionary<string, string>.Empty, limit, offset);
        return [.. (await store.ListAsync(query, cancellationToken)).Select(FromObject)];
    }

    /// <summary>Every session, read page by page.</summary>
    public async Task<IReadOnlyList<SshSessionRecord>> ListAllAsync(CancellationToken cancellationToken)
    {
        const int Page = 1000;
        var all = new List<SshSessionRecord>();
        while (true)
        {
            var page = await ListAsync(Page, all.Count, cancellationToken);
            all.AddRange(page);
            if (page.Count < Page)
            {
                return all;
            }
        }
    }

    /// <summary>Writes a changed record over the version it was read with.</summary>
    public async Task<StoreOutcome> UpdateAsync(SshSessionRecord record, CancellationToken cancellationToken) =>
        (await store.UpdateAsync(ToObject(record), record.ResourceVersion, cancellationToken)).Outcome;

    public async Task<StoreOutcome> DeleteAsync(string id, CancellationToken cancellationToken) =>
        (await store.DeleteAsync(Type, id, cancellationToken)).Outcome;

    private StoredObject ToObject(SshSessionRecord record) => new()
    {
        Type = Type,
        Id = record.Id,
        Workspace = "",
        Name = record.Id,
        CreatedAt = record.CreatedAt,
        UpdatedAt = time.GetUtcNow(),
        Payload = JsonSerializer.SerializeToUtf8Bytes(
            new SshSessionPayload(record.SandboxId, record.BootEpoch, [.. record.SecretHash], record.ExpiresAt, record.Revoked, record.IsAccess),
            SshSessionPayloadJson.Default.SshSessionPayload),
    };

    private static SshSessionRecord FromObject(StoredObject row)
    {
        if (ReadPayload(row) is not { } payload)
        {
            // What it was good for is lost with its hash: nobody can show it any more, and it is reaped as one that is over.
            return new SshSessionRecord
            {
                Id = row.Id,
                SandboxId = "",
                BootEpoch = 0,
                SecretHash = [],
                ExpiresAt = row.CreatedAt,
                Revoked = true,
                CreatedAt = row.CreatedAt,
                ResourceVersion = row.ResourceVersion,
            };
        }

        return new SshSessionRecord
        {
            Id = row.Id,
            SandboxId = payload.SandboxId,
            BootEpoch = payload.BootEpoch,
            SecretHash = [.. payload.SecretHash],
            ExpiresAt = payload.ExpiresAt,
            Revoked = payload.Revoked,
            IsAccess = payload.IsAccess,
            CreatedAt = row.CreatedAt,
            ResourceVersion = row.ResourceVersion,
        };
    }

    private static SshSessionPayload? ReadPayload(StoredObject row)
    {
        try
        {
            var payload = JsonSerializer.Deserialize(row.Payload.Span, SshSessionPayloadJson.Default.SshSessionPayload);
            return payload is { SandboxId: not null, SecretHash: not null } ? payload : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
