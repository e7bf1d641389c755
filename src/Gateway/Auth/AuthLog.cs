namespace OpenShell.Gateway.Auth;

/// <summary>Log messages about callers.</summary>
internal static partial class AuthLog
{
    [LoggerMessage(1, LogLevel.Warning, "A process of user {User} was refused at the local socket", EventName = "LocalPeerRefused")]
    public static partial void LocalPeerRefused(ILogger logger, uint user);

    [LoggerMessage(2, LogLevel.Information, "The admin token was replaced; the one before lets nobody in any more", EventName = "AdminTokenReplaced")]
    public static partial void AdminTokenReplaced(ILogger logger);

    [LoggerMessage(3, LogLevel.Warning, "No admin token lets anybody in: {Reason}; the local socket needs none (openshell-gateway admin-token rotate makes a new one)", EventName = "AdminTokenUnusable")]
    public static partial void AdminTokenUnusable(ILogger logger, string reason);
}
