using System.Text.Json.Serialization;

namespace OpenShell.Driver.Vm.Guest;

/// <summary>What images/kernel/build.sh says about the kernel that it made.</summary>
/// <param name="KernelVersion">As in uname -r.</param>
internal sealed record KernelManifest(string KernelVersion, IReadOnlyList<KernelManifestFile> Files);

/// <summary>One file of a kernel.</summary>
/// <param name="Path">Relative to the manifest.</param>
/// <param name="Sha256">Its hash, lower-case hexadecimal.</param>
internal sealed record KernelManifestFile(string Path, string Sha256);

/// <summary>Deserialisation of what is said about kernels and images.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    RespectRequiredConstructorParameters = true,
    RespectNullableAnnotations = true)]
[JsonSerializable(typeof(KernelManifest))]
[JsonSerializable(typeof(ImageConfig))]
internal sealed partial class GuestJson : JsonSerializerContext;
