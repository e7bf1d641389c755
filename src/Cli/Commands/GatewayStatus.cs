namespace OpenShell.Cli.Commands;

/// <summary>What <c>status</c> found out.</summary>
/// <param name="Key">connected, connected_http, error or disconnected.</param>
/// <param name="Label">The same for people.</param>
/// <param name="Version">Of the gateway, where it said.</param>
/// <param name="Error">Why it is not simply connected.</param>
/// <param name="ExitCode">How the command ends.</param>
internal sealed record GatewayStatus(string Key, string Label, string? Version, string? Error, int ExitCode)
{
    /// <summary>What the gateway's drivers want people to know, such as that machines are not isolated as they should be.</summary>
    public IReadOnlyList<string> Warnings { get; init; } = [];
}
