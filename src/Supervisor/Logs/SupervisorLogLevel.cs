namespace OpenShell.Supervisor.Logs;

/// <summary>Importance of a message; the names are those of the configuration.</summary>
internal enum SupervisorLogLevel
{
    Trace,
    Debug,
    Info,
    Warn,
    Error,
}
