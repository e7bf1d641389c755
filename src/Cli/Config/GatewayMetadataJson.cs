using System.Text.Json.Serialization;

namespace OpenShell.Cli.Config;

[JsonSourceGenerationOptions(WriteIndented = true, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(GatewayMetadata))]
internal sealed partial class GatewayMetadataJson : JsonSerializerContext;
