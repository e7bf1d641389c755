using OpenShell.Cli.Text;
using OpenShell.Protocol.V1;

namespace OpenShell.Cli.Output;

/// <summary>Phases in words.</summary>
internal static class PhaseText
{
    public static string Of(Sandbox sandbox) => Of(sandbox.Status?.Phase ?? SandboxPhase.Unspecified);

    public static string Of(SandboxPhase phase) => phase switch
    {
        SandboxPhase.Provisioning => "Provisioning",
        SandboxPhase.Ready => "Ready",
        SandboxPhase.Error => "Error",
        SandboxPhase.Deleting => "Deleting",
        SandboxPhase.Stopping => "Stopping",
        SandboxPhase.Stopped => "Stopped",
        SandboxPhase.Starting => "Starting",
        SandboxPhase.Completed => "Completed",
        _ => "Unknown",
    };

    public static string Styled(string phase, Palette palette) => phase switch
    {
        "Ready" or "Completed" => palette.Good(phase),
        "Error" => palette.Bad(phase),
        "Stopped" or "Unknown" => palette.Dim(phase),
        _ => palette.Warn(phase),
    };

    /// <summary>The reason of the condition that explains the phase; empty when there is none.</summary>
    public static string Reason(Sandbox sandbox) => NotReady(sandbox)?.Reason ?? "";

    /// <summary>"reason: message" of the condition that explains the phase; null when it is Ready or empty.</summary>
    public static string? Explanation(Sandbox sandbox)
    {
        var ready = NotReady(sandbox);
        return ready switch
        {
            null or { Reason: "", Message: "" } => null,
            { Reason: "" } => ready.Message,
            { Message: "" } => ready.Reason,
            _ => $"{ready.Reason}: {ready.Message}",
        };
    }

    private static SandboxCondition? NotReady(Sandbox sandbox) =>
        sandbox.Status?.Conditions.FirstOrDefault(condition => condition.Type == "Ready" && condition.Status != "True");
}
