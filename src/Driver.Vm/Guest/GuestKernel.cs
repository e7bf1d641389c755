namespace OpenShell.Driver.Vm.Guest;

/// <summary>A kernel whose files have been checked.</summary>
/// <param name="KernelPath">The ELF image.</param>
/// <param name="ModulesDirectory">The modules and the file "order", which names them in the order of loading.</param>
/// <param name="ContentHash">Changes with any of the files.</param>
internal sealed record GuestKernel(string KernelPath, string ModulesDirectory, string ContentHash);
