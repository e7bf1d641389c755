using System.Collections.Immutable;
using System.Text.Json;
using OpenShell.Gateway.Store;
using OpenShell.Protocol.Outcomes;

namespace OpenShell.Gateway.Ssh;

/// <summary>Registered public keys in the object store. Atomicity and races are those of <see cref="IObjectStore"/>.</summary>
internal sealed class SshKeyStore(IObjectStore store, TimeProvider time)
{
    private const string Type = "ssh_key";
    private const int MostKeys = 1000;

    /// <summary>Adds a key; one that is there gets the new comment.</summary>
    public async Task<Outcome<SshKeyRecord>> PutAsync(SshPublicKey key, CancellationToken cancellationToken)
    {
        if ((await ListAsync(cancellationToken)).Count >= MostKeys && await FindAsync(key.Fingerprint, cancellationToken) is null)
        {
            return new Failure(FailureKind.ResourceExhausted, $"there are {MostKeys} SSH keys; remove one first");
        }

        while (true)
        {
            var known = await store.GetAsync(Type, key.Fingerprint, cancellationToken);
            var row = ToObject(key, known?.CreatedAt ?? time.GetUtcNow());
            var result = known is null
                ? await store.CreateAsync(row, cancellationToken)
                : await store.UpdateAsync(row, known.ResourceVersion, cancellationToken);
            if (result.Outcome == StoreOutcome.Done)
            {
                return FromObject(row);
            }
        }
    }

    public async Task<SshKeyRecord?> FindAsync(string fingerprint, CancellationToken cancellationToken) =>
        await store.GetAsync(Type, fingerprint, cancellationToken) is { } row ? FromObject(row) : null;

    /// <summary>Keys by age.</summary>
    public async Task<IReadOnlyList<SshKeyRecord>> ListAsync(CancellationToken cancellationToken)
    {
        var query = new ObjectQuery(Type, null, ImmutableDictionary<string, string>.Empty, MostKeys, 0);
        return [.. (await store.ListAsync(query, cancellationToken)).Select(FromObject)];
    }

    /// <returns>False if there is no such key.</returns>
    public async Task<bool> RemoveAsync(string fingerprint, CancellationToken cancellationToken) =>
        (await store.DeleteAsync(Type, fingerprint, cancellationToken)).Outcome == StoreOutcome.Done;

    private StoredObject ToObject(SshPublicKey key, DateTimeOffset createdAt) => new()
    {
        Type = Type,
        Id = key.Fingerprint,
        Workspace = "",
        Name = key.Fingerprint,
        CreatedAt = createdAt,
        UpdatedAt = time.GetUtcNow(),
        Payload = JsonSerializer.SerializeToUtf8Bytes(new SshKeyPayload(key.Key, key.Comment), SshKeyPayloadJson.Default.SshKeyPayload),
    };

    private static SshKeyRecord FromObject(StoredObject row) => ReadPayload(row) is { } payload
        ? new SshKeyRecord(row.Id, payload.Key, payload.Comment, row.CreatedAt)
        : new SshKeyRecord(row.Id, SshKeyRecord.UnreadableKey, "damaged in the database; remove it and add it again", row.CreatedAt);

    private static SshKeyPayload? ReadPayload(StoredObject row)
    {
        try
        {
            var payload = JsonSerializer.Deserialize(row.Payload.Span, SshKeyPayloadJson.Default.SshKeyPayload);
            return payload is { Key: { } key, Comment: not null } && key.Contains(' ', StringComparison.Ordinal) ? payload : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
