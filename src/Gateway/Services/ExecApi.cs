using Google.Protobuf;
using Grpc.Core;
using OpenShell.Gateway.Exec;
using OpenShell.Gateway.Sandboxes;
using OpenShell.Protocol.Exec;
using OpenShell.Protocol.V1;

namespace OpenShell.Gateway.Services;

/// <summary>ExecSandbox and ExecSandboxInteractive. How either may end: docs/exec.md.</summary>
internal sealed class ExecApi(SandboxDirectory sandboxes, ExecLauncher launcher)
{
    public Task ExecAsync(
        ExecSandboxRequest request, IServerStreamWriter<ExecSandboxEvent> events, CancellationToken cancellationToken)
    {
        var exec = ExecRequestMapping.ToRequest(request, interactive: false);
        return ServeAsync(
            request, exec, (session, token) => exec.Attaches ? Task.CompletedTask : SendAllAsync(session, request.Stdin, token), events, cancellationToken);
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

        var exec = ExecRequestMapping.ToRequest(request, interactive: true);
        await ServeAsync(request, exec, (session, token) => PumpAsync(session, request.Stdin, input, token), events, cancellationToken);
    }

    // What is wrong with the request itself has been said by now. What is asked for is launched in one place, and once.
    private async Task ServeAsync(
        ExecSandboxRequest request,
        ExecRequest exec,
        Func<ExecSession, CancellationToken, Task> send,
        IServerStreamWriter<ExecSandboxEvent> events,
        CancellationToken cancellationToken)
    {
        var sandbox = await sandboxes.FindAsync(request.WorkspaceScope, request.Sandbox, cancellationToken);
        if (exec.IsOverAtOnce)
        {
            if (ExecLauncher.FindRefusal(sandbox, exec) is { } refusal)
            {
                throw refusal.ToException();
            }

            await events.WriteAsync(ExecEvents.TimedOut(), cancellationToken);
            return;
        }

        await using var session = (await launcher.OpenAsync(sandbox, exec, cancellationToken)).OrThrow();
        await RunAsync(session, token => send(session, token), events, cancellationToken);
    }

    // Input runs beside output and never holds it up: the exit ends both, and so does input that cannot be read.
    private static async Task RunAsync(
        ExecSession session,
        Func<CancellationToken, Task> send,
        IServerStreamWriter<ExecSandboxEvent> events,
        CancellationToken cancellationToken)
    {
        using var over = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var sending = SendAsync(send, over);
        try
        {
            await ExecEvents.ForwardAsync(session, events, over.Token);
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            // Nobody but the input has cancelled.
            throw await sending ?? new RpcException(new Status(StatusCode.Cancelled, e.Message));
        }
        catch (IOException e) when (!cancellationToken.IsCancellationRequested)
        {
            // Unlike a sandbox that cannot be reached, the command may have run.
            throw new RpcException(
                new Status(StatusCode.Unavailable, $"the connection to the sandbox was lost: {e.Message}"),
                new Metadata { { ExecTrailers.CommandSent, "true" } });
        }
        finally
        {
            await over.CancelAsync();
            await sending;
        }
    }

    /// <returns>Why the caller's input cannot be read any further; null if it ended, or if the command did first.</returns>
    private static async Task<RpcException?> SendAsync(Func<CancellationToken, Task> send, CancellationTokenSource over)
    {
        try
        {
            await send(over.Token);
        }
        catch (RpcException e) when (!over.IsCancellationRequested)
        {
            // Such as a message beyond the limit. Without this the command would wait for input that never comes.
            await over.CancelAsync();
            return e;
        }
        catch (Exception e) when (e is OperationCanceledException or IOException or RpcException)
        {
            // Whatever stopped the input, the output says how the command ended.
        }

        return null;
    }

    private static async Task SendAllAsync(ExecSession session, ByteString stdin, CancellationToken cancellationToken)
    {
        await session.WriteStdinAsync(stdin.Memory, cancellationToken);
        await session.EndStdinAsync(cancellationToken);
    }

    private static async Task PumpAsync(
        ExecSession session, ByteString first, IAsyncStreamReader<ExecSandboxInput> input, CancellationToken cancellationToken)
    {
        await session.WriteStdinAsync(first.Memory, cancellationToken);
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
                default:
                    throw GrpcErrors.InvalidArgument("expected stdin or resize after exec start");
            }
        }

        await session.EndStdinAsync(cancellationToken);
    }
}
