using System.Text.Json.Nodes;
using OpenShell.Protocol.V1;

namespace OpenShell.Cli.Output;

/// <summary>A sandbox as documents and words.</summary>
internal static class SandboxView
{
    /// <summary>What <c>list</c> and <c>create</c> print of a sandbox.</summary>
    public static JsonObject Summary(Sandbox sandbox)
    {
        var document = new JsonObject
        {
            ["id"] = sandbox.Metadata.Id,
            ["name"] = sandbox.Metadata.Name,
            ["workspace"] = sandbox.Metadata.Workspace,
            ["labels"] = Labels.Document(sandbox.Metadata.Labels),
            ["annotations"] = Labels.Document(sandbox.Metadata.Annotations),
            ["resource_version"] = sandbox.Metadata.ResourceVersion,
            ["created_at"] = TimeText.Text(sandbox.Metadata.CreatedTime),
            ["phase"] = PhaseText.Of(sandbox),
            ["reason"] = PhaseText.Reason(sandbox),
            ["current_policy_version"] = sandbox.Status?.CurrentPolicyVersion ?? 0,
            ["image"] = sandbox.Spec?.Template?.Image ?? "",
            ["command"] = new JsonArray([.. (sandbox.Spec?.Command ?? []).Select(word => (JsonNode)word)]),
            ["restart_count"] = sandbox.Status?.RestartCount ?? 0,
        };
        if (sandbox.Status is { HasExitCode: true } status)
        {
            document["exit_code"] = status.ExitCode;
        }

        return document;
    }

    /// <summary>What <c>get</c> prints. Of the environment only the names: values are often secrets.</summary>
    public static JsonObject Details(Sandbox sandbox, IEnumerable<PlatformEvent> events)
    {
        var document = Summary(sandbox);
        document["tty"] = sandbox.Spec?.Tty ?? false;
        document["environment_names"] = new JsonArray([.. EnvironmentNames(sandbox).Select(name => (JsonNode)name)]);
        document["restart_policy"] = RestartPolicies.Text(sandbox.Spec?.RestartPolicy ?? SandboxRestartPolicy.Unspecified);
        document["next_restart_at"] = TimeText.Text(sandbox.Status?.NextRestartTime);
        document["main_process_started_at"] = TimeText.Text(sandbox.Status?.MainProcessStartedTime);
        document["host_key_fingerprint"] = sandbox.HostKeyFingerprint;
        document["conditions"] = new JsonArray([.. (sandbox.Status?.Conditions ?? []).Select(Condition)]);
        document["events"] = new JsonArray([.. events.Select(Event)]);
        return document;
    }

    /// <summary>The command of the main process on one line; "-" for the login shell of who names none.</summary>
    public static string Command(Sandbox sandbox) => sandbox.Spec is { Command: { Count: > 0 } words } ? string.Join(' ', words) : "-";

    /// <summary>The image; "-" where none is known.</summary>
    public static string Image(Sandbox sandbox) => sandbox.Spec?.Template?.Image is { Length: > 0 } image ? image : "-";

    /// <summary>Names of the environment's variables, in order.</summary>
    public static IEnumerable<string> EnvironmentNames(Sandbox sandbox) =>
        (sandbox.Spec?.Environment.Keys ?? []).Order(StringComparer.Ordinal);

    private static JsonNode Condition(SandboxCondition condition) => new JsonObject
    {
        ["type"] = condition.Type,
        ["status"] = condition.Status,
        ["reason"] = condition.Reason,
        ["message"] = condition.Message,
        ["transition_time"] = TimeText.Text(condition.TransitionTime),
    };

    private static JsonNode Event(PlatformEvent platformEvent) => new JsonObject
    {
        ["time"] = TimeText.Exact(platformEvent.EventTime),
        ["source"] = platformEvent.Source,
        ["type"] = platformEvent.Type,
        ["reason"] = platformEvent.Reason,
        ["message"] = platformEvent.Message,
    };
}
