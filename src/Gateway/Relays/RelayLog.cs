namespace OpenShell.Gateway.Relays;

/// <summary>Log messages about relays.</summary>
internal static partial class RelayLog
{
    [LoggerMessage(1, LogLevel.Debug, "Relay {ChannelId} to {Target} of sandbox {SandboxId} opened ({ServiceId})", EventName = "RelayOpened")]
    public static partial void Opened(ILogger logger, string channelId, string target, string sandboxId, string serviceId);

    [LoggerMessage(2, LogLevel.Debug, "Relay {ChannelId} of sandbox {SandboxId} closed after {Duration}, {BytesToSandbox} bytes in and {BytesFromSandbox} out: {Reason}", EventName = "RelayClosed")]
    public static partial void Closed(
        ILogger logger, string channelId, string sandboxId, TimeSpan duration, long bytesToSandbox, long bytesFromSandbox, string reason);

    [LoggerMessage(3, LogLevel.Debug, "Claim of relay {ChannelId} by sandbox {SandboxId} refused: {Outcome}", EventName = "RelayClaimRefused")]
    public static partial void ClaimRefused(ILogger logger, string channelId, string sandboxId, ClaimOutcome outcome);
}
