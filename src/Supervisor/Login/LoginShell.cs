using System.Buffers;
using OpenShell.Linux.Processes;
using OpenShell.Protocol.Outcomes;
using OpenShell.Supervisor.Processes;
using OpenShell.Supervisor.ProcessIO;
using OpenShell.Supervisor.Users;

namespace OpenShell.Supervisor.Login;

/// <summary>
/// Runs a login shell of a user for the environment that its profile files make. It is confined as every process is:
/// <list type="number">
/// <item>The shell reads its profile files, with nothing to read and nowhere to write.</item>
/// <item>In its place comes a program that copies its own environment, as the kernel has it, to standard input, a socket.</item>
/// <item>It ends; what is in the socket by then is the answer. What profile files left in the background runs on.</item>
/// <item>If it takes too long or has too much to say, its process group is killed.</item>
/// </list>
/// </summary>
internal sealed class LoginShell(ProcessLauncher launcher, TimeProvider time)
{
    /// <summary>How long profile files may take.</summary>
    public static readonly TimeSpan TimeLimit = TimeSpan.FromSeconds(10);

    /// <summary>How large an environment may be.</summary>
    public const int MostBytes = 1024 * 1024;

    private const string Program = "cat";
    private const string TooLarge = "it has more than 1 MiB";
    private const string Line = "exec \"$0\" /proc/self/environ >&0";

    /// <summary>What profile files made, as the kernel has it, or why there is nothing.</summary>
    /// <exception cref="OperationCanceledException">The sandbox stops; the shell has been killed.</exception>
    public async Task<Outcome<byte[], string>> ReadAsync(UserIdentity user, CancellationToken stopping)
    {
        if (!launcher.StartLoginLine(user, Line, Program).Succeeded(out var process, out var failure))
        {
            return failure.Message;
        }

        using (process)
        {
            return await AnswerOfAsync(process, stopping);
        }
    }

    private async Task<Outcome<byte[], string>> AnswerOfAsync(RunningProcess process, CancellationToken stopping)
    {
        var answer = new ArrayBufferWriter<byte>();
        using var limit = new CancellationTokenSource(TimeLimit, time);
        using var over = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, stopping);
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(over.Token);
        var reading = new OutputPump(process.Output, (bytes, _) => TakeAsync(answer, bytes, over)).RunAsync(ended.Token, CancellationToken.None);
        try
        {
            await process.Exited.WaitAsync(over.Token);
            await ended.CancelAsync();
            await reading;
        }
        catch (OperationCanceledException)
        {
            process.Signal(Signals.Kill);
            await reading;
            stopping.ThrowIfCancellationRequested();
            return answer.WrittenCount > MostBytes ? TooLarge : $"profile files took longer than {TimeLimit.TotalSeconds} s";
        }

        return await process.Exited is not { Code: 0, Signal: 0 } || answer.WrittenCount == 0 ? "profile files ended the shell"
            : answer.WrittenCount > MostBytes ? TooLarge
            : answer.WrittenSpan.ToArray();
    }

    private static async ValueTask TakeAsync(ArrayBufferWriter<byte> answer, ReadOnlyMemory<byte> bytes, CancellationTokenSource over)
    {
        if (answer.WrittenCount > MostBytes)
        {
            return;
        }

        answer.Write(bytes.Span);
        if (answer.WrittenCount > MostBytes)
        {
            await over.CancelAsync();
        }
    }
}
