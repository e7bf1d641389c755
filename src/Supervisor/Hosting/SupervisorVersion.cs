using System.Reflection;

namespace OpenShell.Supervisor.Hosting;

/// <summary>The version of this program.</summary>
internal static class SupervisorVersion
{
    public static string Text { get; } =
        typeof(SupervisorVersion).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "0";
}
