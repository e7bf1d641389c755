using System.Text.Json.Serialization;

namespace OpenShell.Cli.Forwarding;

[JsonSourceGenerationOptions(WriteIndented = true, PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(ForwardRecord))]
internal sealed partial class ForwardRecordJson : JsonSerializerContext;
