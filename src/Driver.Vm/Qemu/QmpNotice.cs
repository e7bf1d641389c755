namespace OpenShell.Driver.Vm.Qemu;

/// <summary>Something that QEMU says by itself and that the driver acts on.</summary>
internal abstract record QmpNotice;

/// <summary>The machine does not run any more, though its process does; its status says why.</summary>
internal sealed record MachinePaused : QmpNotice;

/// <summary>The host refused a read or a write of a disk, and the guest was told.</summary>
/// <param name="Reason">The host's words.</param>
internal sealed record DiskErrorReported(string Reason) : QmpNotice;
