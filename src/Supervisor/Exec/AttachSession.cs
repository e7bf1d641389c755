using System.Buffers;
using OpenShell.Protocol.Exec;
using OpenShell.Protocol.Extensions.V1;
using OpenShell.Supervisor.MainProcess;
using OpenShell.Supervisor.Processes;
using OpenShell.Supervisor.ProcessIO;

namespace OpenShell.Supervisor.Exec;

/// <summary>
/// One client of the main process, from the attached frame to the exit frame:
/// <list type="number">
/// <item>It becomes the owner of the input, if it wants to and nobody is.</item>
/// <item>It gets what the ring has, and then what the process writes, until the process has ended or it has fallen behind.</item>
/// <item>It gets the exit frame, last, or goes before; the process does not notice.</item>
/// <item>The input is free again once nothing of it is on its way any more.</item>
/// </list>
/// </summary>
internal sealed class AttachSession(MainProcessRunner main, RunningProcess process, IExecFrames channel)
{
    private const int BufferBytes = 32 * 1024;

    private readonly OutputReader _output = main.Output.OpenReader();

    /// <summary>Runs until the client or the process has gone.</summary>
    /// <exception cref="OperationCanceledException">The relay was closed.</exception>
    public async Task RunAsync(ExecAttach request, Func<ValueTask> completeWrites, CancellationToken closed)
    {
        var owner = !request.ReadOnly && main.Owner.TryTake(_output);
        try
        {
            if (owner && request is { Cols: > 0, Rows: > 0 })
            {
                process.Resize(request.Cols, request.Rows);
            }

            using var gone = CancellationTokenSource.CreateLinkedTokenSource(closed);
            using var inputEnd = CancellationTokenSource.CreateLinkedTokenSource(gone.Token);
            var input = new ExecInput(process, channel, isDropped: !owner).RunAsync(gone, inputEnd.Token);
            await SendAsync(owner, completeWrites, gone);
            inputEnd.CancelAfter(ProcessSession.CloseWait);
            await input;
        }
        finally
        {
            if (owner)
            {
                main.Owner.Release();
            }
        }

        closed.ThrowIfCancellationRequested();
    }

    private async Task SendAsync(bool owner, Func<ValueTask> completeWrites, CancellationTokenSource gone)
    {
        try
        {
            var attached = new ExecAttached { Pid = process.Pid, InputOwner = owner, Terminal = main.HasTerminal };
            await channel.WriteAsync(ExecFrameType.Attached, attached, gone.Token);
            OutputReadKind kind;
            do
            {
                kind = await SendAvailableAsync(gone.Token);
                if (kind == OutputReadKind.NothingYet)
                {
                    await _output.WaitAsync(gone.Token);
                }
            }
            while (kind is not (OutputReadKind.End or OutputReadKind.Lost));

            var exit = kind == OutputReadKind.End ? await main.Exited : TooSlow();
            await channel.WriteAsync(ExecFrameType.Exit, exit, gone.Token);
            await completeWrites();
        }
        catch (Exception e) when (e is IOException or OperationCanceledException)
        {
            await gone.CancelAsync();
        }
    }

    // The buffer is rented only while there is something to carry: an idle client holds none.
    private async ValueTask<OutputReadKind> SendAvailableAsync(CancellationToken cancellationToken)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(BufferBytes);
        try
        {
            var read = _output.Read(buffer.AsSpan(0, BufferBytes));
            if (read.Count > 0)
            {
                var type = read.Kind == OutputReadKind.Error ? ExecFrameType.Stderr : ExecFrameType.Stdout;
                await channel.WriteAsync(type, buffer.AsMemory(0, read.Count), cancellationToken);
            }

            return read.Kind;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private static ExecExit TooSlow() => new()
    {
        Failure = ExecFailure.SlowClient,
        Message = "this client took output more slowly than the main process wrote it, and some of it is gone; the process goes on",
    };
}
