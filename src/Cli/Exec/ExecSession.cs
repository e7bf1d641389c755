using System.Runtime.InteropServices;
using Grpc.Core;
using OpenShell.Cli.Hosting;
using OpenShell.Cli.Native;
using OpenShell.Cli.Rpc;
using OpenShell.Protocol.V1;

namespace OpenShell.Cli.Exec;

/// <summary>Runs one command in a sandbox with this process's standard streams. Used once.</summary>
internal sealed class ExecSession(CliHost host, GatewayConnection connection, string sandboxName)
{
    // After the exit event only the end of the stream is due.
    private static readonly TimeSpan EndOfStreamWait = TimeSpan.FromMilliseconds(500);

    private ExecSender? _sender;
    private bool _interrupted;
    private bool _answered;

    /// <returns>The command's exit code, 0 to 255.</returns>
    /// <exception cref="CliException">The stream ended without an exit event.</exception>
    /// <exception cref="RpcException">The gateway refused to start the command.</exception>
    public async Task<int> RunAsync(ExecSandboxRequest start, CancellationToken cancellationToken)
    {
        Prepare(start);
        using RawTerminal? raw = start.Tty ? RawTerminal.Enter(host.Console.Input) : null;
        using AsyncDuplexStreamingCall<ExecSandboxInput, ExecSandboxEvent> call =
            connection.Client.ExecSandboxInteractive(connection.Streaming(cancellationToken));
        await using ExecSender sender = new(call.RequestStream, new InputReader(host.Console.Input));
        try
        {
            _sender = sender;
            using IDisposable signals = host.Signals.Handle(OnSignal, () => OnResize(start.Tty));
            await sender.StartAsync(start);
            return await ReceiveAsync(call.ResponseStream, cancellationToken);
        }
        catch (RpcException e) when (!cancellationToken.IsCancellationRequested && (_answered || RpcErrors.IsTransportFailure(e.Status)))
        {
            throw Lost($"the connection was lost: {RpcErrors.TransportText(e.Status)}", e);
        }
    }

    private void Prepare(ExecSandboxRequest start)
    {
        if (!start.Tty)
        {
            return;
        }

        start.Term = host.Environment.Term ?? "";
        if (Terminal.GetSize(host.Console.Input) is { } size)
        {
            start.Cols = size.Columns;
            start.Rows = size.Rows;
        }
    }

    private async Task<int> ReceiveAsync(IAsyncStreamReader<ExecSandboxEvent> events, CancellationToken cancellationToken)
    {
        while (await events.MoveNext(cancellationToken))
        {
            _answered = true;
            switch (events.Current)
            {
                case { Stdout: { } stdout }:
                    await host.Console.OutStream.WriteAsync(stdout.Data.Memory, cancellationToken);
                    break;
                case { Stderr: { } stderr }:
                    await host.Console.ErrorStream.WriteAsync(stderr.Data.Memory, cancellationToken);
                    break;
                case { Exit: { } exit }:
                    await DrainAsync(events);
                    return exit.ExitCode & 0xff;
            }
        }

        throw Lost("the gateway ended the stream without an exit code", null);
    }

    // Lets the call end by itself: a call that is cut off looks like a caller that went away.
    private async Task DrainAsync(IAsyncStreamReader<ExecSandboxEvent> events)
    {
        using CancellationTokenSource limit = new(EndOfStreamWait, host.Time);
        try
        {
            while (await events.MoveNext(limit.Token))
            {
            }
        }
        catch (Exception e) when (e is RpcException or OperationCanceledException)
        {
        }
    }

    // The first interrupt is the remote command's; the second, and every other signal, is ours.
    private bool OnSignal(PosixSignal signal)
    {
        if (_interrupted || signal is not (PosixSignal.SIGINT or PosixSignal.SIGQUIT))
        {
            return false;
        }

        _interrupted = true;
        return _sender?.TrySend(new ExecSandboxInput { Signal = SignalNumbers.Of(signal) }) ?? false;
    }

    private void OnResize(bool tty)
    {
        if (tty && Terminal.GetSize(host.Console.Input) is { } size)
        {
            _sender?.TrySend(new ExecSandboxInput { Resize = new ExecSandboxWindowResize { Cols = size.Columns, Rows = size.Rows } });
        }
    }

    private CliException Lost(string reason, Exception? cause) => new(
        new CliError("connection_lost", $"nobody knows how the command in sandbox '{sandboxName}' ended: {reason}", ExitCode.ConnectionLost), cause);
}
