using OpenShell.Cli.Context;

namespace OpenShell.Cli.Config;

/// <summary>No gateway to talk to.</summary>
internal static class GatewayErrors
{
    /// <summary>None was named, and none is selected.</summary>
    public static CliError None => CliError.Usage("No active gateway.") with
    {
        Hints = ["Select one: openshell gateway select <name>", "Add one: openshell gateway add <endpoint>"],
    };

    /// <summary>One was named that is not configured.</summary>
    public static CliError Unknown(string name) => CliError.NotFound($"Unknown gateway '{name}'.") with
    {
        Hints = ["List those that are configured: openshell gateway list", "Add it: openshell gateway add <endpoint>"],
    };
}
