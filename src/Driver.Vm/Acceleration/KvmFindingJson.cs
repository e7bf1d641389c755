using System.Text.Json.Serialization;

namespace OpenShell.Driver.Vm.Acceleration;

/// <summary>Serialisation of the finding.</summary>
[JsonSourceGenerationOptions(WriteIndented = true, PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(KvmFinding))]
internal sealed partial class KvmFindingJson : JsonSerializerContext;
