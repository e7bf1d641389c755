using OpenShell.Protocol.V1;

namespace OpenShell.Cli.Output;

/// <summary>Restart policies in words.</summary>
internal static class RestartPolicies
{
    /// <summary>All that can be asked for.</summary>
    public static readonly string[] Words = ["never", "on-failure", "always"];

    public static string Text(SandboxRestartPolicy policy) => policy switch
    {
        SandboxRestartPolicy.OnFailure => "on-failure",
        SandboxRestartPolicy.Always => "always",
        _ => "never",
    };

    /// <param name="word">One of <see cref="Words"/>; null for what the gateway does by default.</param>
    public static SandboxRestartPolicy Parse(string? word) => word switch
    {
        "never" => SandboxRestartPolicy.Never,
        "on-failure" => SandboxRestartPolicy.OnFailure,
        "always" => SandboxRestartPolicy.Always,
        _ => SandboxRestartPolicy.Unspecified,
    };
}
