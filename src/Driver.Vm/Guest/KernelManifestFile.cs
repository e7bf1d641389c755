namespace OpenShell.Driver.Vm.Guest;

/// <summary>One file of a kernel.</summary>
/// <param name="Path">Relative to the manifest.</param>
/// <param name="Sha256">Its hash, lower-case hexadecimal.</param>
internal sealed record KernelManifestFile(string Path, string Sha256);
