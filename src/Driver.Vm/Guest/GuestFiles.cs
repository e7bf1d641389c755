namespace OpenShell.Driver.Vm.Guest;

/// <summary>Everything that a guest is made of.</summary>
internal sealed record GuestFiles(KernelStore Kernels, InitramfsStore Initramfs, ImageCatalog Images, OverlayDisk Overlay);
