using System.Reflection;

namespace OpenShell.Gateway.Configuration;

/// <summary>The version of this build.</summary>
internal static class GatewayVersion
{
    public static string Text { get; } =
        Assembly.GetExecutingAssembly().GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "unknown";
}
