using System.Text.Json.Serialization;

namespace OpenShell.Driver.Vm.Acceleration;

/// <summary>A probe's answer, kept for as long as neither the host's boot nor QEMU changes.</summary>
/// <param name="BootId">The host's boot, from /proc/sys/kernel/random/boot_id.</param>
/// <param name="QemuVersion">First line of QEMU's --version.</param>
/// <param name="Problem">Why no guest runs under KVM; null if one did.</param>
internal sealed record KvmFinding(string BootId, string QemuVersion, string? Problem);

/// <summary>Serialisation of the finding.</summary>
[JsonSourceGenerationOptions(WriteIndented = true, PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(KvmFinding))]
internal sealed partial class KvmFindingJson : JsonSerializerContext;
