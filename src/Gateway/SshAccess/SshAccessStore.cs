using System.Text.Json;
using OpenShell.Gateway.Store;

namespace OpenShell.Gateway.SshAccess;

/// <summary>SSH access tokens in the object store.</summary>
internal sealed class SshAccessStore(IObjectStore store, TimeProvider time) : EntityStore<SshAccessRecord>(store, time, "ssh_session")
{
    /// <summary>Writes a changed record over the version it was read with.</summary>
    public async Task<StoreOutcome> UpdateAsync(SshAccessRecord record, CancellationToken cancellationToken) =>
        (await Store.UpdateAsync(ToObject(record), record.ResourceVersion, cancellationToken)).Outcome;

    protected override StoredObject ToObject(SshAccessRecord record) => new()
    {
        Type = Type,
        Id = record.Id,
        Workspace = "",
        Name = record.Id,
        CreatedAt = record.CreatedAt,
        UpdatedAt = Now,
        Payload = JsonSerializer.SerializeToUtf8Bytes(
            new SshAccessPayload(record.SandboxId, record.Run, [.. record.SecretHash], record.ExpiresAt, record.Revoked, record.IsForSsh),
            SshAccessPayloadJson.Default.SshAccessPayload),
    };

    protected override SshAccessRecord FromObject(StoredObject row)
    {
        if (ReadPayload(row, SshAccessPayloadJson.Default.SshAccessPayload) is not { SandboxId: not null, SecretHash: not null } payload)
        {
            // What it was good for is lost with its hash: nobody can show it any more, and it is reaped as one that is over.
            return new SshAccessRecord
            {
                Id = row.Id,
                SandboxId = "",
                Run = 0,
                SecretHash = [],
                ExpiresAt = row.CreatedAt,
                Revoked = true,
                CreatedAt = row.CreatedAt,
                ResourceVersion = row.ResourceVersion,
            };
        }

        return new SshAccessRecord
        {
            Id = row.Id,
            SandboxId = payload.SandboxId,
            Run = payload.Run,
            SecretHash = [.. payload.SecretHash],
            ExpiresAt = payload.ExpiresAt,
            Revoked = payload.Revoked,
            IsForSsh = payload.IsAccess,
            CreatedAt = row.CreatedAt,
            ResourceVersion = row.ResourceVersion,
        };
    }
}
