using System.Text;
using OpenShell.Gateway.Exec;
using OpenShell.Gateway.Relays;
using OpenShell.Gateway.Sessions;
using OpenShell.Gateway.SshAccess;
using OpenShell.Gateway.Store;
using OpenShell.Linux.Programs;
using OpenShell.Protocol.Exec;
using OpenShell.Protocol.Extensions.V1;
using OpenShell.Protocol.Outcomes;
using OpenShell.Ssh.Abstractions;

namespace OpenShell.Gateway.Ssh;

/// <summary>
/// What the channels of one connection at the public SSH gateway lead to: processes and ports of one sandbox, over relays.
/// </summary>
/// <param name="connection">Its place among those of its sandbox.</param>
/// <param name="refusal">Why nothing can be had; told to whoever asks for a process.</param>
/// <param name="left">Called once, when the connection is over.</param>
internal sealed class RelaySshHandler(
    AccessLease connection, Failure? refusal, ExecLauncher launcher, RelayBroker relays, Action left) : ISshConnectionHandler
{
    private const string Sftp = "sftp";

    // As long as somebody at a terminal waits before trying again.
    private static readonly TimeSpan SessionWait = TimeSpan.FromSeconds(30);

    /// <inheritdoc/>
    public CancellationToken Ended => connection.Ended;

    /// <inheritdoc/>
    public async Task RunAsync(ExecStart start, IExecFrames frames, CancellationToken gone)
    {
        if (refusal is not null)
        {
            await RefuseAsync(frames, refusal.Message, gone);
            return;
        }

        var main = start.Subsystem == MainProcessFrames.Subsystem ? new MainProcessFrames(frames, start.Terminal is not null) : null;
        var opened = await OpenAsync(main is null ? ExecRequest.Of(start) : ExecRequest.Of(Attach(start.Terminal)), gone);
        if (!opened.Succeeded(out var session, out var failure))
        {
            await RefuseAsync(frames, failure.Message, gone);
            return;
        }

        await using (session)
        {
            await CarryAsync(session, main ?? frames, gone);
            if (main is { Detached: true })
            {
                await main.EndAsync(gone);
            }
        }
    }

    /// <inheritdoc/>
    public ExecStart? FindSubsystem(string name) => name switch
    {
        Sftp => new ExecStart { Subsystem = name },
        MainProcessFrames.Subsystem => new ExecStart { Subsystem = name, Terminal = new ExecTerminal() },
        _ => null,
    };

    /// <inheritdoc/>
    public async Task<ISshForwardTarget?> ConnectAsync(string host, int port, CancellationToken cancellationToken)
    {
        if (refusal is not null)
        {
            return null;
        }

        var opened = await relays.OpenAsync(connection.SandboxId, new TcpTarget(host, port), "ssh", SessionWait, cancellationToken);
        return opened.Succeeded(out var relay, out _) ? new RelayForwardTarget(relay) : null;
    }

    /// <inheritdoc/>
    public async Task<ISshForwardListener?> ListenAsync(string host, int port, CancellationToken cancellationToken) =>
        refusal is null ? await RelayListener.OpenAsync(relays, connection.SandboxId, host, port, cancellationToken) : null;

    /// <inheritdoc/>
    public void Dispose()
    {
        connection.Dispose();
        left();
    }

    private static ExecAttach Attach(ExecTerminal? terminal) => new() { Cols = terminal?.Cols ?? 0, Rows = terminal?.Rows ?? 0 };

    private async Task<Outcome<ExecSession>> OpenAsync(ExecRequest request, CancellationToken gone)
    {
        try
        {
            return await launcher.OpenAsync(connection.SandboxId, request, gone);
        }
        catch (StoreUnavailableException e)
        {
            return new Failure(FailureKind.Unavailable, e.Message);
        }
    }

    // Input runs beside output and never holds it up; the exit ends both.
    private static async Task CarryAsync(ExecSession session, IExecFrames frames, CancellationToken gone)
    {
        using var over = CancellationTokenSource.CreateLinkedTokenSource(gone);
        var sending = SendAsync(session, frames, over);
        try
        {
            await ReceiveAsync(session, frames, over.Token);
        }
        catch (OperationCanceledException) when (!gone.IsCancellationRequested)
        {
            // The client has left the main process.
        }
        finally
        {
            await over.CancelAsync();
            await sending;
        }
    }

    private static async Task SendAsync(ExecSession session, IExecFrames frames, CancellationTokenSource over)
    {
        try
        {
            while (await frames.ReadAsync(over.Token) is { Type: not ExecFrameType.None } part)
            {
                await session.ForwardAsync(part, over.Token);
            }

            if (frames is MainProcessFrames { Detached: true })
            {
                await over.CancelAsync();
            }
        }
        catch (Exception e) when (e is IOException or OperationCanceledException)
        {
            // Whatever stopped the input, the output says how the process ended.
        }
    }

    private static async Task ReceiveAsync(ExecSession session, IExecFrames frames, CancellationToken over)
    {
        while (true)
        {
            ExecFramePart part;
            try
            {
                part = await session.ReadAsync(over);
            }
            catch (IOException e)
            {
                await EndAsync(frames, $"the connection to the sandbox was lost: {e.Message}", over);
                return;
            }

            switch (part.Type)
            {
                case ExecFrameType.Started:
                    await frames.WriteAsync(part.Type, ExecStarted.Parser.ParseFrom(part.Data), over);
                    break;
                case ExecFrameType.Attached:
                    await frames.WriteAsync(part.Type, ExecAttached.Parser.ParseFrom(part.Data), over);
                    break;
                case ExecFrameType.Stdout or ExecFrameType.Stderr:
                    foreach (var segment in part.Data)
                    {
                        await frames.WriteAsync(part.Type, segment, over);
                    }

                    break;
                case ExecFrameType.Exit:
                    await frames.WriteAsync(part.Type, ExecExit.Parser.ParseFrom(part.Data), over);
                    return;
            }
        }
    }

    // A request that fails shows nothing of why, so it succeeds, and what it started says so and ends.
    private static async Task RefuseAsync(IExecFrames frames, string reason, CancellationToken gone)
    {
        await frames.WriteAsync(ExecFrameType.Started, new ExecStarted(), gone);
        await EndAsync(frames, reason, gone);
    }

    private static async Task EndAsync(IExecFrames frames, string reason, CancellationToken gone)
    {
        await frames.WriteAsync(ExecFrameType.Stderr, Encoding.UTF8.GetBytes($"openshell: {reason}\r\n"), gone);
        await frames.WriteAsync(ExecFrameType.Exit, new ExecExit { Code = ExitCodes.ConnectionLost }, gone);
    }
}

/// <summary>Makes the handlers of connections, with what all of them use.</summary>
internal sealed class RelaySshHandlerFactory(ExecLauncher launcher, RelayBroker relays)
{
    public RelaySshHandler Create(AccessLease connection, Failure? refusal, Action left) => new(connection, refusal, launcher, relays, left);
}
