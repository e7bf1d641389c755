using OpenShell.Linux.Programs;

namespace OpenShell.Driver.Vm.Commands;

/// <summary>Paths that apply where no option gives another.</summary>
internal static class DefaultPaths
{
    public static string StateDirectory => Path.Combine(XdgDirectories.OfProcess.State, "vm-driver");

    public static string GuestDirectory => Path.Combine(AppContext.BaseDirectory, "guest");

    public static string Supervisor => Path.Combine(AppContext.BaseDirectory, "openshell-supervisor");
}
