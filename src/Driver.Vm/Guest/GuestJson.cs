using System.Text.Json.Serialization;

namespace OpenShell.Driver.Vm.Guest;

/// <summary>Deserialisation of the kernel's manifest.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    RespectRequiredConstructorParameters = true,
    RespectNullableAnnotations = true)]
[JsonSerializable(typeof(KernelManifest))]
internal sealed partial class GuestJson : JsonSerializerContext;
