using OpenShell.Linux;
using OpenShell.Linux.Descriptors;
using OpenShell.Linux.Machine;

namespace OpenShell.Supervisor.Boot;

/// <summary>Loads the modules that the driver put into the initramfs.</summary>
internal static class KernelModules
{
    private const string Folder = "/modules";

    /// <summary>Loads what /modules/order lists: one file name a line, what others need first.</summary>
    /// <returns>How many there were.</returns>
    /// <exception cref="BootException">One cannot be loaded.</exception>
    public static int Load()
    {
        var order = Path.Combine(Folder, "order");
        if (!File.Exists(order))
        {
            // A kernel with everything built in.
            return 0;
        }

        var count = 0;
        foreach (var name in File.ReadLines(order).Select(line => line.Trim()).Where(line => line.Length > 0))
        {
            var path = Path.Combine(Folder, name);
            using var file = new FileDescriptor(DescriptorIo.Open(path, DescriptorIo.OpenReadOnly | DescriptorIo.CloseOnExec, 0));
            var error = file.IsInvalid ? Errno.Last : SystemControl.LoadModule(file);
            if (error != 0)
            {
                throw new BootException($"module {name}", Errno.Text(error));
            }

            count++;
        }

        return count;
    }
}
