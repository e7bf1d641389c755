using System.Net;
using OpenShell.Protocol.Exec;
using OpenShell.Protocol.Extensions.V1;
using OpenShell.Protocol.Relay;
using OpenShell.Protocol.V1;
using OpenShell.Ssh.Abstractions;
using OpenShell.Supervisor.Exec;
using OpenShell.Supervisor.Files;
using OpenShell.Supervisor.MainProcess;
using OpenShell.Supervisor.Processes;
using OpenShell.Supervisor.ProcessIO;
using OpenShell.Supervisor.Relays;

namespace OpenShell.Supervisor.Ssh;

/// <summary>What SSH channels lead to in the sandbox: processes of the one engine, and its loopback ports.</summary>
/// <param name="main">Behind the subsystem openshell-main.</param>
internal sealed class LocalSshHandler(ProcessLauncher launcher, MainProcessRunner main, SocketDialer dialer, TimeProvider time)
    : ISshConnectionHandler, ISshAuthenticator
{
    /// <inheritdoc/>
    public CancellationToken Ended => CancellationToken.None;

    /// <inheritdoc/>
    public SshAuthenticationMethods Methods => SshAuthenticationMethods.None;

    /// <inheritdoc/>
    public ValueTask<ISshConnectionHandler?> AuthenticateAsync(SshCredential credential, CancellationToken cancellationToken) => new(this);

    /// <inheritdoc/>
    public async Task RunAsync(ExecStart start, IExecFrames frames, CancellationToken gone)
    {
        if (start.Subsystem == MainProcessFrames.Subsystem)
        {
            await AttachAsync(start.Terminal, new MainProcessFrames(frames, start.Terminal is not null), gone);
            return;
        }

        var failed = await ProcessSession.StartAndRunAsync(
            launcher, ExecRequestReader.ToSpec(start), frames, time, timeLimit: null, () => ValueTask.CompletedTask, gone);
        if (failed is not null)
        {
            await frames.WriteAsync(ExecFrameType.Exit, failed, gone);
        }
    }

    /// <inheritdoc/>
    public ExecStart? FindSubsystem(string name) => name switch
    {
        SftpProgram.Subsystem => SftpProgram.Find(),
        MainProcessFrames.Subsystem => new ExecStart { Subsystem = name, Terminal = new ExecTerminal() },
        _ => null,
    };

    /// <inheritdoc/>
    public async Task<ISshForwardTarget?> ConnectAsync(string host, int port, CancellationToken cancellationToken)
    {
        var (endpoints, _) = TcpTargetAddress.Resolve(new TcpRelayTarget { Host = host, Port = (uint)port });
        if (endpoints is null)
        {
            return null;
        }

        return (await dialer.DialAsync(endpoints, host, cancellationToken)).Succeeded(out var socket, out _) ? new SocketForwardTarget(socket) : null;
    }

    /// <inheritdoc/>
    public Task<ISshForwardListener?> ListenAsync(string host, int port, CancellationToken cancellationToken) => Task.FromResult<ISshForwardListener?>(
        SocketForwardListener.TryBind(new IPEndPoint(IPAddress.TryParse(host, out var address) ? address : IPAddress.Loopback, port)));

    private async Task AttachAsync(ExecTerminal? terminal, MainProcessFrames client, CancellationToken gone)
    {
        using var place = main.Clients.Enter(new WindowSize(terminal?.Cols ?? 0, terminal?.Rows ?? 0), readOnly: false);
        if (await main.Started.WaitAsync(gone) is not { } process)
        {
            await client.WriteAsync(ExecFrameType.Exit, await main.Exited, gone);
            return;
        }

        var request = new ExecAttach { Cols = terminal?.Cols ?? 0, Rows = terminal?.Rows ?? 0 };
        await new AttachSession(main, process, client).RunAsync(request, () => ValueTask.CompletedTask, gone);
        if (client.Detached)
        {
            await client.EndAsync(gone);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        // One for all connections; it holds nothing.
    }
}
