using System.Collections.Immutable;
using System.Text.Json.Serialization;

namespace OpenShell.Gateway.SshAccess;

/// <summary>A token for streams into one sandbox. The token itself is nowhere: only who made it knows its secret.</summary>
internal sealed record SshAccessRecord
{
    /// <summary>The public half of the token.</summary>
    public required string Id { get; init; }

    public required string SandboxId { get; init; }

    /// <summary>
    /// For the public SSH gateway: good for every run of the sandbox, and not for ForwardTcp. Otherwise it is for
    /// ForwardTcp and for one run.
    /// </summary>
    public bool IsForSsh { get; init; }

    /// <summary>Of the sandbox when the token was made: it is not valid after the next start, unless <see cref="IsForSsh"/>.</summary>
    public required int Run { get; init; }

    /// <summary>SHA-256 of the secret half.</summary>
    public required ImmutableArray<byte> SecretHash { get; init; }

    public required DateTimeOffset ExpiresAt { get; init; }

    public bool Revoked { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public ulong ResourceVersion { get; init; }
}

/// <summary>A new token, which its maker is told once.</summary>
internal sealed record SshAccessGrant(SshAccessToken Token, DateTimeOffset CreatedAt, DateTimeOffset ExpiresAt);

/// <summary>What of an <see cref="SshAccessRecord"/> has no column of its own.</summary>
internal sealed record SshAccessPayload(
    string SandboxId,
    [property: JsonPropertyName("BootEpoch")] int Run,
    byte[] SecretHash,
    DateTimeOffset ExpiresAt,
    bool Revoked,
    bool IsAccess = false);

/// <summary>Serializer of <see cref="SshAccessPayload"/>.</summary>
[JsonSerializable(typeof(SshAccessPayload))]
internal sealed partial class SshAccessPayloadJson : JsonSerializerContext;
