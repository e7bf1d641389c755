using System.Globalization;
using System.Text.Json.Nodes;
using OpenShell.Cli.Text;
using OpenShell.Protocol.V1;

namespace OpenShell.Cli.Output;

/// <summary>A sandbox as documents and rows.</summary>
internal static class SandboxView
{
    /// <summary>What <c>list</c> and <c>create</c> print of a sandbox.</summary>
    public static JsonObject Summary(Sandbox sandbox) => new()
    {
        ["id"] = sandbox.Metadata.Id,
        ["name"] = sandbox.Metadata.Name,
        ["workspace"] = sandbox.Metadata.Workspace,
        ["labels"] = Map(sandbox.Metadata.Labels),
        ["annotations"] = Map(sandbox.Metadata.Annotations),
        ["resource_version"] = sandbox.Metadata.ResourceVersion,
        ["created_at"] = CreatedAt(sandbox),
        ["phase"] = PhaseText.Of(sandbox),
        ["current_policy_version"] = sandbox.Status?.CurrentPolicyVersion ?? 0,
    };

    /// <summary>What <c>get</c> prints. Of the environment only the names: values are often secrets.</summary>
    public static JsonObject Details(Sandbox sandbox)
    {
        var document = Summary(sandbox);
        document["image"] = sandbox.Spec?.Template?.Image ?? "";
        document["command"] = new JsonArray([.. (sandbox.Spec?.Command ?? []).Select(word => (JsonNode)word)]);
        document["environment_names"] = new JsonArray([.. EnvironmentNames(sandbox).Select(name => (JsonNode)name)]);
        if (sandbox.Status is { HasExitCode: true } status)
        {
            document["exit_code"] = status.ExitCode;
        }

        document["conditions"] = new JsonArray([.. (sandbox.Status?.Conditions ?? []).Select(Condition)]);
        return document;
    }

    /// <summary>"Label: value" lines; <c>Phase: X</c> is parsed by others.</summary>
    public static void WriteDetails(TextWriter output, Sandbox sandbox, Palette palette)
    {
        void Row(string label, string value) => output.WriteLine($"{palette.Bold(label + ":")} {SafeText.OneLine(value)}");

        Row("Name", sandbox.Metadata.Name);
        Row("Id", sandbox.Metadata.Id);
        output.WriteLine($"{palette.Bold("Phase:")} {PhaseText.Styled(PhaseText.Of(sandbox), palette)}");
        if (PhaseText.Explanation(sandbox) is { } explanation)
        {
            Row("Reason", explanation);
        }

        Row("Created", CreatedAt(sandbox));
        Optional("Image", sandbox.Spec?.Template?.Image);
        Optional("Command", string.Join(' ', sandbox.Spec?.Command ?? []));
        Optional("Environment", string.Join(", ", EnvironmentNames(sandbox)));
        Optional("Labels", string.Join(", ", sandbox.Metadata.Labels.OrderBy(l => l.Key, StringComparer.Ordinal).Select(l => $"{l.Key}={l.Value}")));
        if (sandbox.Status is { HasExitCode: true } status)
        {
            Row("Exit code", status.ExitCode.ToString(CultureInfo.InvariantCulture));
        }

        void Optional(string label, string? value)
        {
            if (!string.IsNullOrEmpty(value))
            {
                Row(label, value);
            }
        }
    }

    /// <summary>UTC, RFC 3339, to the second.</summary>
    public static string CreatedAt(Sandbox sandbox) => TimeText.Text(sandbox.Metadata.CreatedTime) ?? "";

    private static IEnumerable<string> EnvironmentNames(Sandbox sandbox) =>
        (sandbox.Spec?.Environment.Keys ?? []).Order(StringComparer.Ordinal);

    private static JsonNode Condition(SandboxCondition condition) => new JsonObject
    {
        ["type"] = condition.Type,
        ["status"] = condition.Status,
        ["reason"] = condition.Reason,
        ["message"] = condition.Message,
        ["transition_time"] = TimeText.Text(condition.TransitionTime),
    };

    private static JsonObject Map(IEnumerable<KeyValuePair<string, string>> map) =>
        new(map.OrderBy(pair => pair.Key, StringComparer.Ordinal).Select(pair => KeyValuePair.Create(pair.Key, (JsonNode?)pair.Value)));
}
