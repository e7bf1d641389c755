namespace OpenShell.Driver.Vm.Guest;

/// <summary>An image that a guest can be made from.</summary>
/// <param name="Path">Its squashfs.</param>
/// <param name="User">Who runs what names no user; empty is root.</param>
internal sealed record GuestImage(string Path, string User);
