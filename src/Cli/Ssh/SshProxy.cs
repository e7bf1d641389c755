using System.Buffers;
using OpenShell.Cli.Context;
using OpenShell.Cli.Exec;
using OpenShell.Cli.Rpc;
using OpenShell.Linux.Descriptors;
using OpenShell.Linux.Programs;
using OpenShell.Protocol.Relay;

namespace OpenShell.Cli.Ssh;

/// <summary>
/// Joins standard input and output to a sandbox's SSH server: what ssh runs as its ProxyCommand. It ends when the
/// sandbox's side has ended, when either side breaks, and when the output is closed, which is how the end of
/// ssh shows; the end of the input alone is passed on and ends nothing.
/// </summary>
internal sealed class SshProxy(CliContext context, SandboxStream stream)
{
    private const int ChunkBytes = RelayWire.MaxFrameData;

    // Default 64 KiB: ssh writes packets of 32 KiB, and each fill and each drain is a switch between the two.
    private const int PipeBytes = 1024 * 1024;

    /// <returns>The exit code.</returns>
    /// <exception cref="CliException">The connection was lost.</exception>
    public async Task<int> RunAsync(CancellationToken cancellationToken)
    {
        DescriptorIo.EnlargePipe(context.Console.Input, PipeBytes);
        DescriptorIo.EnlargePipe(context.Console.Output, PipeBytes);
        using var input = new InputReader(context.Console.Input);
        using var watch = new OutputWatch(context.Console.Output);
        using var over = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var up = SendAsync(input, over.Token);
        var down = ReceiveAsync(over.Token);
        try
        {
            var first = await Task.WhenAny(up, down, watch.Abandoned);
            if (first == watch.Abandoned)
            {
                throw new BrokenOutputException();
            }

            await first;
            await await Task.WhenAny(down, watch.Abandoned);
            return ExitCodes.Ok;
        }
        catch (IOException e) when (e is not BrokenOutputException)
        {
            cancellationToken.ThrowIfCancellationRequested();
            throw Lost(e);
        }
        finally
        {
            // Both directions have ended before the relay is disposed.
            await over.CancelAsync();
            input.Dispose();
            await Task.WhenAll(up, down).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    // The next piece is read while the one before is sent.
    private async Task SendAsync(InputReader input, CancellationToken cancellationToken)
    {
        var filled = new byte[ChunkBytes];
        var spare = new byte[ChunkBytes];
        var reading = input.ReadAsync(filled);
        while (await reading is var count and > 0)
        {
            (filled, spare) = (spare, filled);
            reading = input.ReadAsync(filled);
            await stream.Relay.WriteAsync(new ReadOnlySequence<byte>(spare, 0, count), flush: true, cancellationToken);
        }

        await stream.Relay.CompleteWritesAsync(cancellationToken);
    }

    private async Task ReceiveAsync(CancellationToken cancellationToken)
    {
        var check = stream.HostKeyFingerprint.Length > 0 ? new HostKeyCheck(stream.HostKeyFingerprint) : null;
        while (await stream.Relay.ReadAsync(cancellationToken) is { Kind: RelayReadKind.Data } read)
        {
            foreach (var piece in read.Data)
            {
                if (check?.Accepts(piece.Span) is false)
                {
                    throw new CliException(new CliError(
                        "host_key",
                        $"the sandbox does not show the host key that the gateway knows, {stream.HostKeyFingerprint}",
                        ExitCodes.ConnectionLost));
                }

                check = check is { Done: true } ? null : check;
                await context.Console.OutStream.WriteAsync(piece, cancellationToken);
            }

            stream.Relay.Advance();
        }
    }

    private static CliException Lost(IOException e)
    {
        var reason = e is RelayRefusedException refused ? refused.Detail : e.Message;
        return new(new CliError("connection_lost", $"the connection to the sandbox was lost: {reason.TrimEnd('.')}", ExitCodes.ConnectionLost), e);
    }
}
