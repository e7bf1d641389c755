using Google.Protobuf;
using Grpc.Core;
using OpenShell.Gateway.Exec;
using OpenShell.Protocol.Exec;
using OpenShell.Protocol.Extensions.V1;
using OpenShell.Protocol.Outcomes;
using OpenShell.Protocol.V1;

namespace OpenShell.Gateway.Services;

/// <summary>What comes from a process, as the events of the public API.</summary>
internal static class ExecEvents
{
    /// <summary>Passes everything on until the process has ended, its exit event included.</summary>
    /// <exception cref="IOException">The relay ended before the process did.</exception>
    /// <exception cref="RpcException">There is nothing to attach to, or its output was taken too slowly.</exception>
    public static async Task ForwardAsync(
        ExecSession session, IServerStreamWriter<ExecSandboxEvent> events, CancellationToken cancellationToken)
    {
        while (true)
        {
            var part = await session.ReadAsync(cancellationToken);
            switch (part.Type)
            {
                case ExecFrameType.Started:
                    var started = ExecStarted.Parser.ParseFrom(part.Data);
                    await events.WriteAsync(new ExecSandboxEvent { Started = new ExecSandboxStarted { Pid = started.Pid } }, cancellationToken);
                    break;
                case ExecFrameType.Attached:
                    await events.WriteAsync(new ExecSandboxEvent { Attached = ToEvent(ExecAttached.Parser.ParseFrom(part.Data)) }, cancellationToken);
                    break;
                case ExecFrameType.Stdout or ExecFrameType.Stderr:
                    await OutputAsync(part, events, cancellationToken);
                    break;
                case ExecFrameType.Exit:
                    await ExitAsync(ExecExit.Parser.ParseFrom(part.Data), events, cancellationToken);
                    return;
            }
        }
    }

    /// <summary>The exit of a command whose time was over before it began.</summary>
    public static ExecSandboxEvent TimedOut() => new() { Exit = ExecRequestMapping.ToExit(new ExecExit { TimedOut = true, StdinTaken = 0 }, ExecExitCode.TimedOut) };

    private static async Task OutputAsync(ExecFramePart part, IServerStreamWriter<ExecSandboxEvent> events, CancellationToken cancellationToken)
    {
        foreach (var segment in part.Data)
        {
            // The event is serialized before WriteAsync returns, so the transport's memory need not be copied.
            var data = UnsafeByteOperations.UnsafeWrap(segment);
            var output = part.Type == ExecFrameType.Stdout
                ? new ExecSandboxEvent { Stdout = new ExecSandboxStdout { Data = data } }
                : new ExecSandboxEvent { Stderr = new ExecSandboxStderr { Data = data } };
            await events.WriteAsync(output, cancellationToken);
        }
    }

    private static async Task ExitAsync(ExecExit exit, IServerStreamWriter<ExecSandboxEvent> events, CancellationToken cancellationToken)
    {
        // These say nothing about how a process ended, so there is no exit to tell.
        switch (exit.Failure)
        {
            case ExecFailure.NoMainProcess:
                throw new Failure(FailureKind.FailedPrecondition, "the sandbox has no main process to attach to").ToException();
            case ExecFailure.SlowClient:
                throw new Failure(FailureKind.ResourceExhausted, exit.Message).ToException();
        }

        if (exit.Message.Length > 0)
        {
            // Callers of the plain API learn why a command did not start the way a shell would tell them.
            var text = ByteString.CopyFromUtf8($"openshell: {exit.Message}\n");
            await events.WriteAsync(new ExecSandboxEvent { Stderr = new ExecSandboxStderr { Data = text } }, cancellationToken);
        }

        var result = ExecRequestMapping.ToExit(exit, ExecExitCode.From(exit));
        await events.WriteAsync(new ExecSandboxEvent { Exit = result }, cancellationToken);
    }

    private static ExecSandboxAttached ToEvent(ExecAttached attached) => new()
    {
        Pid = attached.Pid,
        InputOwner = attached.InputOwner,
        Terminal = attached.Terminal,
    };
}
