using System.Text.Json.Serialization;

namespace OpenShell.Gateway.Forwarding;

/// <summary>What of an <see cref="SshSessionRecord"/> has no column of its own.</summary>
internal sealed record SshSessionPayload(string SandboxId, int BootEpoch, byte[] SecretHash, DateTimeOffset ExpiresAt, bool Revoked, bool IsAccess = false);

/// <summary>Serializer of <see cref="SshSessionPayload"/>.</summary>
[JsonSerializable(typeof(SshSessionPayload))]
internal sealed partial class SshSessionPayloadJson : JsonSerializerContext;
