namespace OpenShell.Driver.Vm.Guest;

/// <summary>Everything that a guest is made of.</summary>
internal sealed record GuestFiles(KernelStore Kernels, InitramfsStore Initramfs, ImageCatalog Images, OverlayDisk Overlay);

/// <summary>A file that every guest needs is missing or is not what it should be. The message is for the operator.</summary>
internal sealed class GuestFilesException(string message) : IOException(message);
