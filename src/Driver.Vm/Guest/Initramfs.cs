namespace OpenShell.Driver.Vm.Guest;

/// <summary>An initramfs that is ready.</summary>
/// <param name="Path">The file.</param>
/// <param name="WasThere">Whether it was so before it was asked for.</param>
internal sealed record Initramfs(string Path, bool WasThere);
