using Grpc.Core;
using OpenShell.Cli.Context;
using OpenShell.Cli.Rpc;
using OpenShell.Linux.Programs;
using OpenShell.Protocol.V1;

namespace OpenShell.Cli.Exec;

/// <summary>Output and exit code of a short command in a sandbox.</summary>
/// <param name="ExitCode">As of <c>sandbox exec</c>.</param>
internal sealed record CapturedExec(int ExitCode, byte[] Out, byte[] Error)
{
    // Of each stream; the rest is left out.
    private const int MostOutput = 1024 * 1024;

    /// <summary><see cref="Out"/> as text.</summary>
    public string Text => System.Text.Encoding.UTF8.GetString(Out);

    /// <summary><see cref="Error"/> as text.</summary>
    public string ErrorText => System.Text.Encoding.UTF8.GetString(Error);

    /// <summary>Runs a command that takes no input.</summary>
    /// <exception cref="CliException">The stream ended without an exit code.</exception>
    public static async Task<CapturedExec> RunAsync(GatewayConnection connection, ExecSandboxRequest request, CancellationToken cancellationToken)
    {
        using var call = connection.Client.ExecSandbox(request, connection.Streaming(cancellationToken));
        using var output = new MemoryStream();
        using var error = new MemoryStream();
        await foreach (var next in call.ResponseStream.ReadAllAsync(cancellationToken))
        {
            switch (next.PayloadCase)
            {
                case ExecSandboxEvent.PayloadOneofCase.Stdout:
                    Keep(output, next.Stdout.Data.Span);
                    break;
                case ExecSandboxEvent.PayloadOneofCase.Stderr:
                    Keep(error, next.Stderr.Data.Span);
                    break;
                case ExecSandboxEvent.PayloadOneofCase.Exit:
                    return new CapturedExec(next.Exit.ExitCode & 0xff, output.ToArray(), error.ToArray());
            }
        }

        throw new CliException(
            new CliError("connection_lost", $"nobody knows how '{request.Command[0]}' ended in the sandbox", ExitCodes.ConnectionLost));
    }

    private static void Keep(MemoryStream kept, ReadOnlySpan<byte> data) => kept.Write(data[..Math.Min(data.Length, MostOutput - (int)kept.Length)]);
}
