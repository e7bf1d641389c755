using System.Text.Json;
using OpenShell.Gateway.Store;
using OpenShell.Protocol.Outcomes;

namespace OpenShell.Gateway.SshAccess;

/// <summary>Registered public keys in the object store, by their fingerprints.</summary>
internal sealed class SshKeyStore(IObjectStore store, TimeProvider time) : EntityStore<SshKeyRecord>(store, time, "ssh_key")
{
    private const int MostKeys = 1000;

    /// <summary>Adds a key; one that is there gets the new comment.</summary>
    public async Task<Outcome<SshKeyRecord>> PutAsync(SshPublicKey key, CancellationToken cancellationToken)
    {
        if ((await ListAllAsync(cancellationToken)).Count >= MostKeys && await GetAsync(key.Fingerprint, cancellationToken) is null)
        {
            return new Failure(FailureKind.ResourceExhausted, $"there are {MostKeys} SSH keys; remove one first");
        }

        while (true)
        {
            var known = await Store.GetAsync(Type, key.Fingerprint, cancellationToken);
            var record = new SshKeyRecord(key.Fingerprint, key.Key, key.Comment, known?.CreatedAt ?? Now);
            var result = known is null
                ? await Store.CreateAsync(ToObject(record), cancellationToken)
                : await Store.UpdateAsync(ToObject(record), known.ResourceVersion, cancellationToken);
            if (result.Outcome == StoreOutcome.Done)
            {
                return record;
            }
        }
    }

    protected override StoredObject ToObject(SshKeyRecord record) => new()
    {
        Type = Type,
        Id = record.Fingerprint,
        Workspace = "",
        Name = record.Fingerprint,
        CreatedAt = record.CreatedAt,
        UpdatedAt = Now,
        Payload = JsonSerializer.SerializeToUtf8Bytes(new SshKeyPayload(record.Key, record.Comment), SshKeyPayloadJson.Default.SshKeyPayload),
    };

    protected override SshKeyRecord FromObject(StoredObject row) =>
        ReadPayload(row, SshKeyPayloadJson.Default.SshKeyPayload) is { Key: { } key, Comment: { } comment }
        && key.Contains(' ', StringComparison.Ordinal)
            ? new SshKeyRecord(row.Id, key, comment, row.CreatedAt)
            : new SshKeyRecord(row.Id, SshKeyRecord.UnreadableKey, "damaged in the database; remove it and add it again", row.CreatedAt);
}
