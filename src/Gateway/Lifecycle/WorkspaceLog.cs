namespace OpenShell.Gateway.Lifecycle;

/// <summary>Log messages about workspaces.</summary>
internal static partial class WorkspaceLog
{
    [LoggerMessage(1, LogLevel.Information, "Workspace {Name} created", EventName = "WorkspaceCreated")]
    public static partial void Created(ILogger logger, string name);

    [LoggerMessage(2, LogLevel.Information, "Workspace {Name} is being deleted and takes nothing new", EventName = "WorkspaceTerminating")]
    public static partial void Terminating(ILogger logger, string name);

    [LoggerMessage(3, LogLevel.Information, "Workspace {Name} deleted", EventName = "WorkspaceDeleted")]
    public static partial void Deleted(ILogger logger, string name);
}
