namespace OpenShell.Gateway.Ssh;

/// <summary>Log messages of the public SSH gateway: the audit of who came in. Never a token.</summary>
internal static partial class SshGatewayLog
{
    [LoggerMessage(1, LogLevel.Information, "SSH: listening on {Address}, host key {Fingerprint}", EventName = "SshListening")]
    public static partial void Listening(ILogger logger, string address, string fingerprint);

    [LoggerMessage(2, LogLevel.Information, "SSH: {Address} came into sandbox {SandboxId} with {Credential}", EventName = "SshAdmitted")]
    public static partial void Admitted(ILogger logger, string address, string sandboxId, string credential);

    [LoggerMessage(3, LogLevel.Warning, "SSH: {Address} was refused: {Reason}", EventName = "SshRefused")]
    public static partial void Refused(ILogger logger, string address, string reason);

    [LoggerMessage(4, LogLevel.Information, "SSH: {Address} left sandbox {SandboxId}, {Credential}, after {Duration}: {Reason}", EventName = "SshLeft")]
    public static partial void Left(ILogger logger, string address, string sandboxId, string credential, TimeSpan duration, string reason);

    [LoggerMessage(5, LogLevel.Warning, "SSH: nothing can be accepted for a moment: {Reason}", EventName = "SshAcceptFailed")]
    public static partial void AcceptFailed(ILogger logger, string reason);

    [LoggerMessage(6, LogLevel.Error, "SSH: unexpected failure", EventName = "SshUnexpectedFailure")]
    public static partial void Defect(ILogger logger, Exception exception);
}
