using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace OpenShell.Gateway.Sandboxes;

/// <summary>What of a <see cref="SandboxRecord"/> has no column of its own.</summary>
internal sealed record SandboxPayload
{
    public byte[] Spec { get; init; } = [];

    public ImmutableDictionary<string, string> Annotations { get; init; } = ImmutableDictionary<string, string>.Empty;

    public SandboxPhase Phase { get; init; }

    public ImmutableArray<SandboxCondition> Conditions { get; init; } = [];

    public int BootEpoch { get; init; }

    public string InstanceId { get; init; } = "";

    public int? ExitCode { get; init; }

    public byte[] ToJson() => JsonSerializer.SerializeToUtf8Bytes(this, SandboxPayloadJson.Default.SandboxPayload);
}

/// <summary>Serializer of <see cref="SandboxPayload"/>.</summary>
[JsonSerializable(typeof(SandboxPayload))]
[JsonSourceGenerationOptions(UseStringEnumConverter = true, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
internal sealed partial class SandboxPayloadJson : JsonSerializerContext;
