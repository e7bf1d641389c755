using System.Globalization;
using System.Runtime.InteropServices;
using Google.Protobuf;
using Grpc.Core;
using OpenShell.Cli.Context;
using OpenShell.Cli.Rpc;
using OpenShell.Linux.Descriptors;
using OpenShell.Linux.Processes;
using OpenShell.Linux.Programs;
using OpenShell.Linux.Terminals;
using OpenShell.Protocol.Exec;
using OpenShell.Protocol.V1;

namespace OpenShell.Cli.Exec;

/// <summary>
/// Runs one command in a sandbox with this process's standard streams, or attaches them to its main process. Used once.
/// </summary>
/// <param name="readsInput">False leaves standard input alone: the command has none.</param>
internal sealed class InteractiveExec(CliContext context, GatewayConnection connection, string sandboxName, bool readsInput = true)
{
    // After the exit event only the end of the stream is due.
    private static readonly TimeSpan EndOfStreamTimeout = TimeSpan.FromMilliseconds(500);

    private RawTerminal? _raw;
    private ExecSender? _sender;
    private bool _takesResizes;
    private bool _takesSignals;
    private bool _interrupted;
    private bool _answered;
    private long? _inputTaken;

    /// <summary>The user left with the detach keys; the main process goes on.</summary>
    public bool Detached { get; private set; }

    /// <returns>The command's exit code, 0 to 255; 0 when <see cref="Detached"/>.</returns>
    /// <exception cref="CliException">The stream ended without an exit event.</exception>
    /// <exception cref="RpcException">The gateway refused to start the command.</exception>
    public async Task<int> RunAsync(ExecSandboxRequest start, CancellationToken cancellationToken)
    {
        using var over = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var begin = readsInput ? DescriptorIo.Position(context.Console.Input) : null;
        try
        {
            return await RunAsync(start, over);
        }
        catch (RpcException e) when (!cancellationToken.IsCancellationRequested && !MayHaveRun(e))
        {
            _inputTaken = 0;
            throw;
        }
        catch (Exception e) when (Detached && e is RpcException or OperationCanceledException)
        {
            return ExitCodes.Ok;
        }
        catch (RpcException e) when (!cancellationToken.IsCancellationRequested && MayHaveRun(e))
        {
            throw Lost($"the connection was lost: {RpcErrors.TransportText(e.Status)}", e);
        }
        finally
        {
            _raw?.Dispose();
            ReturnUnreadInput(begin);
        }
    }

    private async Task<int> RunAsync(ExecSandboxRequest start, CancellationTokenSource over)
    {
        Prepare(start);
        using var call =
            connection.Client.ExecSandboxInteractive(connection.Streaming(over.Token));
        await using var sender = new ExecSender(call.RequestStream, new InputReader(context.Console.Input));
        _sender = sender;
        using var signals = context.Signals.Handle(OnSignal, OnResize, OnContinue);
        await sender.StartAsync(start);
        if (!readsInput)
        {
            await sender.EndInputAsync();
        }
        else if (start.Attach is null && !start.Detached)
        {
            sender.BeginInput(passEnd: true);
        }

        return await ReceiveAsync(call.ResponseStream, start, over);
    }

    private bool MayHaveRun(RpcException e) =>
        _answered || e.Trailers.Get(ExecTrailers.CommandSent) is not null || RpcErrors.IsTransportFailure(e.Status);

    private void Prepare(ExecSandboxRequest start)
    {
        // Of the main process only its supervisor knows whether it has a terminal, and whether its input is free.
        var attaches = start.Attach is not null;
        if (start.Tty)
        {
            DescribeTerminal(start);
            _raw = RawTerminal.Enter(context.Console.Input);
        }

        (_takesResizes, _takesSignals) = (start.Tty, !attaches);
        if ((start.Tty || attaches) && Terminal.GetSize(context.Console.Input) is { } size)
        {
            start.Cols = size.Columns;
            start.Rows = size.Rows;
        }
    }

    // As ssh does: the settings of the user's terminal. Variables that were given explicitly win.
    private void DescribeTerminal(ExecSandboxRequest start)
    {
        start.Term = context.Environment.Term ?? "";
        if (Terminal.GetAttributes(context.Console.Input) is { } settings)
        {
            start.TerminalModes = ByteString.CopyFrom(TerminalModes.Encode(settings));
        }

        foreach ((var name, var value) in context.Environment.TerminalVariables)
        {
            start.Environment.TryAdd(name, value);
        }
    }

    // A file that other processes read from too (as in a shell's while-read loop) is set back to where the command stopped
    // reading. Our own reading has ended by now.
    private void ReturnUnreadInput(long? begin)
    {
        if (begin is { } start && _inputTaken is { } taken && DescriptorIo.Position(context.Console.Input) > start + taken)
        {
            DescriptorIo.MoveTo(context.Console.Input, start + taken);
        }
    }

    private async Task<int> ReceiveAsync(IAsyncStreamReader<ExecSandboxEvent> events, ExecSandboxRequest start, CancellationTokenSource over)
    {
        while (await events.MoveNext(over.Token))
        {
            _answered = true;
            switch (events.Current)
            {
                case { Stdout: { } stdout }:
                    await context.Console.OutStream.WriteAsync(stdout.Data.Memory, over.Token);
                    break;
                case { Stderr: { } stderr }:
                    await context.Console.ErrorStream.WriteAsync(stderr.Data.Memory, over.Token);
                    break;
                case { Started: { } started } when start.Detached:
                    await context.Console.Out.WriteLineAsync(started.Pid.ToString(CultureInfo.InvariantCulture));
                    break;
                case { Attached: { } attached }:
                    await OnAttachedAsync(attached, start, over);
                    break;
                case { Exit: { } exit }:
                    _inputTaken = exit.HasStdinTaken ? (long)exit.StdinTaken : null;
                    await DrainAsync(events);
                    if (exit.TimedOut)
                    {
                        await context.Console.Error.WriteLineAsync(
                            $"The command was ended because its time was up ({start.ExecutionTimeout?.Seconds} s, --timeout)");
                    }

                    return exit.ExitCode & 0xff;
            }
        }

        throw Lost("the gateway ended the stream without an exit code", null);
    }

    private async Task OnAttachedAsync(ExecSandboxAttached attached, ExecSandboxRequest start, CancellationTokenSource over)
    {
        if (!attached.InputOwner && start.Attach?.ReadOnly is false)
        {
            await context.Console.Error.WriteLineAsync($"Another client has the input of sandbox '{sandboxName}': this one only reads");
        }

        _takesResizes = attached is { Terminal: true, InputOwner: true };
        _takesSignals = attached.InputOwner;
        _raw = attached.Terminal ? RawTerminal.Enter(context.Console.Input) : null;
        if (_raw is not null)
        {
            _sender!.BeginInput(new DetachKeys(readOnly: !attached.InputOwner), async () =>
            {
                Detached = true;
                await over.CancelAsync();
            });
        }
        else if (attached.InputOwner)
        {
            // The end of a pipe is not passed on to a terminal: a shell there would log out.
            _sender!.BeginInput(passEnd: !attached.Terminal);
        }
    }

    // Lets the call end by itself: a cancelled call looks like a disconnected caller to the gateway.
    private async Task DrainAsync(IAsyncStreamReader<ExecSandboxEvent> events)
    {
        using var limit = new CancellationTokenSource(EndOfStreamTimeout, context.Time);
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
        if (_interrupted || !_takesSignals || signal is not (PosixSignal.SIGINT or PosixSignal.SIGQUIT))
        {
            return false;
        }

        _interrupted = true;
        return _sender?.TrySend(new ExecSandboxInput { Signal = Signals.NumberOf(signal) }) ?? false;
    }

    private void OnResize()
    {
        if (_takesResizes && Terminal.GetSize(context.Console.Input) is { } size)
        {
            _sender?.TrySend(new ExecSandboxInput { Resize = new ExecSandboxWindowResize { Cols = size.Columns, Rows = size.Rows } });
        }
    }

    // Another program may have changed the terminal's mode and size while this one was stopped.
    private void OnContinue()
    {
        _raw?.Reenter();
        OnResize();
    }

    private CliException Lost(string reason, Exception? cause) => new(
        new CliError("connection_lost", $"nobody knows how the command in sandbox '{sandboxName}' ended: {reason}", ExitCodes.ConnectionLost), cause);
}
