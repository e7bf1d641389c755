using System.Text.Json.Serialization;

namespace OpenShell.Cli.Config;

/// <summary>Content of <c>gateways/NAME/metadata.json</c>. Fields of other implementations are ignored.</summary>
internal sealed record GatewayMetadata
{
    [JsonPropertyName("name")]
    public string? Name { get; init; }

    [JsonPropertyName("gateway_endpoint")]
    public string? GatewayEndpoint { get; init; }

    [JsonPropertyName("auth_mode")]
    public string? AuthMode { get; init; }

    [JsonPropertyName("token_file")]
    public string? TokenFile { get; init; }

    [JsonPropertyName("send_token_in_clear")]
    public bool? SendTokenInClear { get; init; }
}

[JsonSourceGenerationOptions(WriteIndented = true, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(GatewayMetadata))]
internal sealed partial class GatewayMetadataJson : JsonSerializerContext;
