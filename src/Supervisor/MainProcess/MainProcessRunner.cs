using System.Buffers;
using OpenShell.Protocol.Exec;
using OpenShell.Supervisor.Execs;
using OpenShell.Supervisor.Polling;
using OpenShell.Supervisor.Processes;

namespace OpenShell.Supervisor.MainProcess;

/// <summary>The command that the sandbox was made for. It runs once a boot; its end leaves the sandbox usable.</summary>
internal sealed class MainProcessRunner(ProcessLauncher launcher, SupervisorLog log, TimeProvider time)
{
    private const int RingBytes = 1024 * 1024;
    private const int BufferBytes = 16 * 1024;

    /// <summary>The last MiB of its output, for clients that attach.</summary>
    public OutputRing Output { get; } = new(RingBytes);

    /// <summary>Runs it to its end and returns its code as shells give it. If <paramref name="stopping"/> comes first it is ended.</summary>
    public async Task<int> RunAsync(IReadOnlyList<string> command, bool terminal, CancellationToken stopping)
    {
        var spec = new ProcessSpec(
            command, new Dictionary<string, string>(), "", "", terminal ? new ProcessTerminal(0, 0, "") : null, LoginShell: false);
        var launched = launcher.Start(spec);
        if (launched.Process is not { } process)
        {
            log.Warn($"main process: {launched.Failure!.Message}");
            return ExecExitCode.From(ExecExits.From(launched.Failure!));
        }

        using (process)
        {
            log.Info($"main process started, pid {process.Pid}");
            if (!terminal)
            {
                await process.EndInputAsync(stopping);
            }

            var outputs = Task.WhenAll(KeepAsync(process.Output), process.Error is { } error ? KeepAsync(error) : Task.CompletedTask);
            var code = await WaitAsync(process, stopping);
            // Its background children may go on; what they write after this is nobody's.
            process.Output.Dispose();
            process.Error?.Dispose();
            await outputs;
            log.Info($"main process ended with {code}");
            return code;
        }
    }

    private async Task<int> WaitAsync(RunningProcess process, CancellationToken stopping)
    {
        try
        {
            return (await process.Exited.WaitAsync(stopping)).ShellCode;
        }
        catch (OperationCanceledException)
        {
            await new ProcessTerminator(process, time).EndAfterHangUpAsync();
            return (await process.Exited).ShellCode;
        }
    }

    private async Task KeepAsync(PolledDescriptor output)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(BufferBytes);
        try
        {
            int count;
            while ((count = await output.ReadAsync(buffer, CancellationToken.None)) > 0)
            {
                Output.Write(buffer.AsSpan(0, count));
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
