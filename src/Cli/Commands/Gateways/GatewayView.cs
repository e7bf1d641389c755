using System.Text.Json.Nodes;
using OpenShell.Cli.Config;

namespace OpenShell.Cli.Commands.Gateways;

/// <summary>A configured gateway as a document.</summary>
internal static class GatewayView
{
    public static JsonNode Document(GatewayEntry entry, string? active) => new JsonObject
    {
        ["name"] = entry.Name,
        ["endpoint"] = entry.Endpoint,
        ["source"] = Source(entry),
        ["active"] = entry.Name == active,
        ["auth_mode"] = entry.AuthMode,
        ["token_file"] = entry.TokenFile,
        ["send_token_in_clear"] = entry.SendTokenInClear,
    };

    public static string Source(GatewayEntry entry) => entry.Source switch
    {
        GatewaySource.User => "user",
        GatewaySource.System => "system",
        _ => "own",
    };
}
