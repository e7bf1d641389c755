using OpenShell.Gateway.Sessions;

namespace OpenShell.Gateway.Supervisors;

/// <summary>The stream of one ConnectSupervisor, in our own records. One reader and one writer at a time.</summary>
internal interface ISupervisorStream
{
    /// <summary>The next message; null when the supervisor has ended the stream.</summary>
    Task<SupervisorMessage?> ReadAsync(CancellationToken cancellationToken);

    Task WriteAsync(SessionCommand command, CancellationToken cancellationToken);

    /// <summary>Ends the stream without waiting for a peer that does not read.</summary>
    void Abort();
}
