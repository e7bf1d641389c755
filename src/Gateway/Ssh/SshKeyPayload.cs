using System.Text.Json.Serialization;

namespace OpenShell.Gateway.Ssh;

/// <summary>What of an <see cref="SshKeyRecord"/> has no column of its own.</summary>
internal sealed record SshKeyPayload(string Key, string Comment);

/// <summary>Serializer of <see cref="SshKeyPayload"/>.</summary>
[JsonSerializable(typeof(SshKeyPayload))]
internal sealed partial class SshKeyPayloadJson : JsonSerializerContext;
