using System.Text.RegularExpressions;
using OpenShell.Cli.Context;

namespace OpenShell.Cli.Config;

/// <summary>Names of configured gateways. They are directory names, so nothing but [a-z0-9-] is let through.</summary>
internal static partial class GatewayName
{
    /// <summary>The name of this user's own gateway.</summary>
    public const string Local = "local";

    public static bool IsValid(string name) => Pattern().IsMatch(name);

    /// <exception cref="CliException">The name is not allowed.</exception>
    public static string Check(string name) => IsValid(name)
        ? name
        : throw new CliException(CliError.Usage($"gateway name '{name}' is not allowed; use 1 to 63 of a-z, 0-9 and -"));

    /// <summary>A name for an endpoint that got none: "local", or its host.</summary>
    public static string For(GatewayEndpoint endpoint)
    {
        if (endpoint.IsLoopback)
        {
            return Local;
        }

        var name = NotAllowed().Replace(endpoint.Uri.DnsSafeHost.ToLowerInvariant(), "-").Trim('-');
        return name.Length switch
        {
            0 => "gateway",
            > 63 => name[..63],
            _ => name,
        };
    }

    [GeneratedRegex(@"\A[a-z0-9-]{1,63}\z")]
    private static partial Regex Pattern();

    [GeneratedRegex("[^a-z0-9-]+")]
    private static partial Regex NotAllowed();
}
