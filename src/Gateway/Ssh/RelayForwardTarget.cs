using System.Buffers;
using System.IO.Pipelines;
using OpenShell.Protocol.Relay;
using OpenShell.Ssh.Abstractions;

namespace OpenShell.Gateway.Ssh;

/// <summary>A relay as what a forwarded channel leads to.</summary>
internal sealed class RelayForwardTarget(RelayConnection relay) : ISshForwardTarget
{
    private int _directionsLeft = 2;

    /// <inheritdoc/>
    public async Task SendAllAsync(PipeReader fromClient, CancellationToken cancellationToken)
    {
        while (true)
        {
            var read = await fromClient.ReadAsync(cancellationToken);
            if (!read.Buffer.IsEmpty)
            {
                await relay.WriteAsync(read.Buffer, flush: true, cancellationToken);
            }

            fromClient.AdvanceTo(read.Buffer.End);
            if (read.IsCompleted)
            {
                await relay.CompleteWritesAsync(cancellationToken);
                Interlocked.Decrement(ref _directionsLeft);
                return;
            }
        }
    }

    /// <inheritdoc/>
    public async Task ReceiveAllAsync(PipeWriter toClient, CancellationToken cancellationToken)
    {
        while (await relay.ReadAsync(cancellationToken) is { Kind: RelayReadKind.Data } read)
        {
            foreach (var segment in read.Data)
            {
                toClient.Write(segment.Span);
            }

            relay.Advance();
            if ((await toClient.FlushAsync(cancellationToken)).IsCompleted)
            {
                return;
            }
        }

        Interlocked.Decrement(ref _directionsLeft);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (Volatile.Read(ref _directionsLeft) > 0)
        {
            relay.Abort();
        }

        await relay.DisposeAsync();
    }
}
