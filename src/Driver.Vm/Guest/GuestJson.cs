using System.Text.Json.Serialization;

namespace OpenShell.Driver.Vm.Guest;

/// <summary>Deserialisation of what is said about kernels and images.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    RespectRequiredConstructorParameters = true,
    RespectNullableAnnotations = true)]
[JsonSerializable(typeof(KernelManifest))]
[JsonSerializable(typeof(ImageConfig))]
internal sealed partial class GuestJson : JsonSerializerContext;
