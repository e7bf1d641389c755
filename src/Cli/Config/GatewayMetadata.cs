using System.Text.Json.Serialization;

namespace OpenShell.Cli.Config;

/// <summary>
/// Content of <c>gateways/NAME/metadata.json</c>, which the public SDKs read, too; fields of other implementations are ignored.
/// </summary>
internal sealed record GatewayMetadata
{
    [JsonPropertyName("name")]
    public string? Name { get; init; }

    [JsonPropertyName("gateway_endpoint")]
    public string? GatewayEndpoint { get; init; }

    [JsonPropertyName("is_remote")]
    public bool? IsRemote { get; init; }

    [JsonPropertyName("gateway_port")]
    public int? GatewayPort { get; init; }

    /// <summary>The SDKs send a token under "oidc", and under no other mode.</summary>
    [JsonPropertyName("auth_mode")]
    public string? AuthMode { get; init; }

    [JsonPropertyName("oidc_issuer")]
    public string? OidcIssuer { get; init; }

    [JsonPropertyName("oidc_client_id")]
    public string? OidcClientId { get; init; }

    [JsonPropertyName("token_file")]
    public string? TokenFile { get; init; }

    [JsonPropertyName("send_token_in_clear")]
    public bool? SendTokenInClear { get; init; }
}

/// <summary>
/// Content of <c>gateways/NAME/oidc_token.json</c>, where the public SDKs look for the bearer token. Without an expiry and a
/// refresh token it is sent as it is.
/// </summary>
internal sealed record SdkToken
{
    [JsonPropertyName("access_token")]
    public required string AccessToken { get; init; }

    [JsonPropertyName("issuer")]
    public required string Issuer { get; init; }

    [JsonPropertyName("client_id")]
    public required string ClientId { get; init; }
}

[JsonSourceGenerationOptions(WriteIndented = true, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(GatewayMetadata))]
[JsonSerializable(typeof(SdkToken))]
internal sealed partial class GatewayMetadataJson : JsonSerializerContext;
