using System.Reflection;

namespace OpenShell.Driver.Vm.Configuration;

/// <summary>The version of this build.</summary>
internal static class DriverVersion
{
    public static string Text { get; } =
        typeof(DriverVersion).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "unknown";
}
