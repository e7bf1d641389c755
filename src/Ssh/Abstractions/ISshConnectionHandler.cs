using OpenShell.Protocol.Exec;
using OpenShell.Protocol.Extensions.V1;

namespace OpenShell.Ssh.Abstractions;

/// <summary>
/// What the channels of a connection lead to. Called on the thread pool; disposed when the connection is over, or if it
/// is not used after all.
/// </summary>
public interface ISshConnectionHandler : IDisposable
{
    /// <summary>Cancelled when the connection is to be closed, because its client may not be there any longer.</summary>
    CancellationToken Ended { get; }

    /// <summary>
    /// Runs a process with a client's channel as its caller, in the frames of exec.proto: this writes a started frame
    /// (the client's request has succeeded then), outputs and an exit frame, and reads input, sizes and signals. Without
    /// a started frame the request has failed.
    /// </summary>
    /// <param name="frames">The channel; its input ends with a frame of type None when the client has closed it.</param>
    /// <param name="gone">The client has closed the channel or gone: the process is to be ended.</param>
    /// <exception cref="IOException">The channel broke.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="gone"/> was cancelled.</exception>
    Task RunAsync(ExecStart start, IExecFrames frames, CancellationToken gone);

    /// <summary>The program of a subsystem, with a terminal if it takes the client's; null: there is none of that name.</summary>
    ExecStart? FindSubsystem(string name);

    /// <summary>Connects to a port of the sandbox.</summary>
    /// <param name="host">A loopback address or "localhost".</param>
    /// <param name="port">1 to 65 535.</param>
    /// <param name="cancellationToken">The client has gone.</param>
    /// <returns>Null: nothing listens there.</returns>
    Task<ISshForwardTarget?> ConnectAsync(string host, int port, CancellationToken cancellationToken);

    /// <summary>Listens on a port of the sandbox. The connection stands still until this returns, so it has a time limit.</summary>
    /// <param name="host">A loopback address or "localhost".</param>
    /// <param name="port">0 chooses one.</param>
    /// <param name="cancellationToken">The client has gone.</param>
    /// <returns>Null: it cannot be had.</returns>
    Task<ISshForwardListener?> ListenAsync(string host, int port, CancellationToken cancellationToken);
}
