using Google.Protobuf;
using Grpc.Core;
using OpenShell.Gateway.Exec;
using OpenShell.Protocol.Exec;
using OpenShell.Protocol.Extensions.V1;
using OpenShell.Protocol.V1;

namespace OpenShell.Gateway.Services;

/// <summary>ExecSandbox and ExecSandboxInteractive.</summary>
internal sealed class ExecApi(ExecLauncher launcher)
{
    public async Task ExecAsync(
        ExecSandboxRequest request, IServerStreamWriter<ExecSandboxEvent> events, CancellationToken cancellationToken)
    {
        var start = ExecRequestMapping.ToStart(request);
        await using var session = (await launcher.StartAsync(request.SandboxId, start, cancellationToken)).OrThrow();
        await RunAsync(session, token => SendAllAsync(session, request.Stdin, token), events, cancellationToken);
    }

    public async Task ExecInteractiveAsync(
        IAsyncStreamReader<ExecSandboxInput> input, IServerStreamWriter<ExecSandboxEvent> events, CancellationToken cancellationToken)
    {
        if (!await input.MoveNext(cancellationToken))
        {
            throw GrpcErrors.InvalidArgument("empty stream: expected start message");
        }

        if (input.Current is not { PayloadCase: ExecSandboxInput.PayloadOneofCase.Start, Start: var request })
        {
            throw GrpcErrors.InvalidArgument("first message must be a start payload");
        }

        var start = ExecRequestMapping.ToStart(request);
        await using var session = (await launcher.StartAsync(request.SandboxId, start, cancellationToken)).OrThrow();
        await RunAsync(session, token => PumpAsync(session, input, token), events, cancellationToken);
    }

    // Input runs beside output and never holds it up: the exit ends both.
    private static async Task RunAsync(
        ExecSession session,
        Func<CancellationToken, Task> send,
        IServerStreamWriter<ExecSandboxEvent> events,
        CancellationToken cancellationToken)
    {
        using var over = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var sending = send(over.Token);
        try
        {
            await ForwardAsync(session, events, cancellationToken);
        }
        catch (IOException e) when (!cancellationToken.IsCancellationRequested)
        {
            throw new Failure(FailureKind.Unavailable, $"the connection to the sandbox was lost: {e.Message}").ToException();
        }
        finally
        {
            await over.CancelAsync();
            await IgnoreEndAsync(sending);
        }
    }

    private static async Task ForwardAsync(
        ExecSession session, IServerStreamWriter<ExecSandboxEvent> events, CancellationToken cancellationToken)
    {
        while (true)
        {
            var part = await session.ReadAsync(cancellationToken);
            switch (part.Type)
            {
                case ExecFrameType.Stdout:
                    foreach (var segment in part.Data)
                    {
                        // The event is serialized before WriteAsync returns, so the transport's memory need not be copied.
                        var data = UnsafeByteOperations.UnsafeWrap(segment);
                        await events.WriteAsync(new ExecSandboxEvent { Stdout = new ExecSandboxStdout { Data = data } }, cancellationToken);
                    }

                    break;
                case ExecFrameType.Stderr:
                    foreach (var segment in part.Data)
                    {
                        var data = UnsafeByteOperations.UnsafeWrap(segment);
                        await events.WriteAsync(new ExecSandboxEvent { Stderr = new ExecSandboxStderr { Data = data } }, cancellationToken);
                    }

                    break;
                case ExecFrameType.Exit:
                    await ExitAsync(ExecExit.Parser.ParseFrom(part.Data), events, cancellationToken);
                    return;
            }
        }
    }

    private static async Task ExitAsync(ExecExit exit, IServerStreamWriter<ExecSandboxEvent> events, CancellationToken cancellationToken)
    {
        if (exit.Message.Length > 0)
        {
            // Callers of the plain API learn why a command did not start the way a shell would tell them.
            var text = ByteString.CopyFromUtf8($"openshell: {exit.Message}\n");
            await events.WriteAsync(new ExecSandboxEvent { Stderr = new ExecSandboxStderr { Data = text } }, cancellationToken);
        }

        var result = ExecRequestMapping.ToExit(exit, ExecExitCode.From(exit));
        await events.WriteAsync(new ExecSandboxEvent { Exit = result }, cancellationToken);
    }

    private static async Task SendAllAsync(ExecSession session, ByteString stdin, CancellationToken cancellationToken)
    {
        await session.WriteStdinAsync(stdin.Memory, cancellationToken);
        await session.EndStdinAsync(cancellationToken);
    }

    private static async Task PumpAsync(ExecSession session, IAsyncStreamReader<ExecSandboxInput> input, CancellationToken cancellationToken)
    {
        while (await input.MoveNext(cancellationToken))
        {
            var message = input.Current;
            switch (message.PayloadCase)
            {
                case ExecSandboxInput.PayloadOneofCase.Stdin:
                    await session.WriteStdinAsync(message.Stdin.Memory, cancellationToken);
                    break;
                case ExecSandboxInput.PayloadOneofCase.Resize:
                    await session.ResizeAsync(message.Resize.Cols, message.Resize.Rows, cancellationToken);
                    break;
                case ExecSandboxInput.PayloadOneofCase.Signal:
                    await session.SignalAsync(message.Signal, cancellationToken);
                    break;
            }
        }

        await session.EndStdinAsync(cancellationToken);
    }

    private static async Task IgnoreEndAsync(Task sending)
    {
        try
        {
            await sending;
        }
        catch (Exception e) when (e is OperationCanceledException or IOException or RpcException)
        {
            // Whatever stopped the input, the output has said how the command ended.
        }
    }
}
