using System.Text.Json;
using System.Text.Json.Nodes;
using OpenShell.Cli.Config;
using OpenShell.Cli.Context;
using OpenShell.Cli.Text;
using OpenShell.Protocol.V1;

namespace OpenShell.Cli.Commands.Gateways;

/// <summary>A gateway as rows and as a document: its configuration, and what it says of itself.</summary>
internal static class GatewayView
{
    public static JsonObject Document(GatewayEntry entry, string? active) => new()
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

    /// <summary>Adds what the gateway said, or why it said nothing.</summary>
    public static void AddAnswer(JsonObject document, GetGatewayInfoResponse? info, CliError? error)
    {
        document["status"] = info is null ? null : Word(info.Status);
        document["gateway_version"] = info?.GatewayVersion;
        document["compute_drivers"] = new JsonArray([.. (info?.ComputeDrivers ?? []).Select(Driver)]);
        document["extensions"] = new JsonArray([.. (info?.Extensions ?? []).Select(Extension)]);
        document["error"] = error?.Message;
    }

    /// <summary>The same as rows.</summary>
    public static IEnumerable<(string Key, string Value)> Answer(GetGatewayInfoResponse? info, CliError? error)
    {
        if (info is null)
        {
            yield return ("Error", SafeText.OneLine(error?.Message ?? "no answer"));
            yield break;
        }

        yield return ("Status", Word(info.Status));
        yield return ("Version", SafeText.OneLine(info.GatewayVersion));
        foreach (var driver in info.ComputeDrivers)
        {
            yield return ("Compute driver", SafeText.OneLine($"{driver.Name} ({driver.Capabilities?.DriverName} {driver.Capabilities?.DriverVersion})"));
            foreach (var warning in driver.Capabilities?.Warnings ?? [])
            {
                yield return ("Warning", SafeText.OneLine(warning));
            }
        }

        foreach (var extension in info.Extensions)
        {
            yield return ("Extension", SafeText.OneLine(
                $"{extension.ConfiguredName}: {Word(extension.Kind)} {extension.ImplementationName} {extension.ImplementationVersion}, "
                + $"protocol {extension.ProtocolMajor}.{extension.ProtocolMinor}"));
        }
    }

    /// <summary>A value of an enum of the wire as its documents have it: <c>legacy_http_service</c>.</summary>
    public static string Word<T>(T value)
        where T : struct, Enum => JsonNamingPolicy.SnakeCaseLower.ConvertName(value.ToString());

    private static JsonObject Driver(ComputeDriverInfo driver)
    {
        var resources = driver.Capabilities?.ResourceCapabilities;
        return new JsonObject
        {
            ["name"] = driver.Name,
            ["driver_name"] = driver.Capabilities?.DriverName,
            ["driver_version"] = driver.Capabilities?.DriverVersion,
            ["cpu_limit_supported"] = resources?.Cpu?.LimitSupported ?? false,
            ["memory_limit_supported"] = resources?.Memory?.LimitSupported ?? false,
            ["gpu_default_selection_supported"] = resources?.Gpu?.DefaultSelectionSupported ?? false,
            ["gpu_count_selection_supported"] = resources?.Gpu?.CountSelectionSupported ?? false,
            ["warnings"] = Strings(driver.Capabilities?.Warnings ?? []),
        };
    }

    private static JsonObject Extension(NegotiatedExtensionInfo extension) => new()
    {
        ["kind"] = Word(extension.Kind),
        ["configured_name"] = extension.ConfiguredName,
        ["implementation_name"] = extension.ImplementationName,
        ["implementation_version"] = extension.ImplementationVersion,
        ["protocol"] = $"{extension.ProtocolMajor}.{extension.ProtocolMinor}",
        ["supported_capabilities"] = Strings(extension.SupportedCapabilities),
        ["required_capabilities"] = Strings(extension.RequiredCapabilities),
    };

    private static JsonArray Strings(IEnumerable<string> values) => new([.. values.Select(value => (JsonNode)value)]);
}
