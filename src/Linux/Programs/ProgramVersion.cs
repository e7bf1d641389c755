using System.Reflection;

namespace OpenShell.Linux.Programs;

/// <summary>The version of this build, one for all programs: <c>Version</c> in Directory.Build.props.</summary>
public static class ProgramVersion
{
    public static string Text { get; } =
        typeof(ProgramVersion).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "unknown";
}
