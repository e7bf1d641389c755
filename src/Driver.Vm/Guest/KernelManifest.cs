namespace OpenShell.Driver.Vm.Guest;

/// <summary>What images/kernel/build.sh says about the kernel that it made.</summary>
/// <param name="KernelVersion">As in uname -r.</param>
/// <param name="Files">Every file of it.</param>
internal sealed record KernelManifest(string KernelVersion, IReadOnlyList<KernelManifestFile> Files);
