using System.Buffers;
using OpenShell.Linux;
using OpenShell.Linux.Descriptors;
using OpenShell.Supervisor.Polling;

namespace OpenShell.Supervisor.ProcessIO;

/// <summary>Carries one output of a process to where it goes.</summary>
/// <param name="output">Our end of it.</param>
/// <param name="send">Takes the bytes; they are its own only until it completes.</param>
internal sealed class OutputPump(PolledDescriptor output, Func<ReadOnlyMemory<byte>, CancellationToken, ValueTask> send)
{
    private const int BufferBytes = 32 * 1024;

    /// <summary>
    /// Runs until the output ends. Once <paramref name="drain"/> is cancelled only what is in the pipe at that time
    /// still goes out, however slowly it is taken: everything that the process itself wrote is among it, because it
    /// ended before. What a background child goes on writing is not waited for.
    /// </summary>
    /// <exception cref="IOException">The caller has gone.</exception>
    public async Task RunAsync(CancellationToken drain, CancellationToken cancellationToken)
    {
        int? owed = null;
        do
        {
            var count = await SendAvailableAsync(cancellationToken);
            if (count == 0)
            {
                return;
            }

            if (owed is not null)
            {
                owed = count == NothingYet ? 0 : owed - count;
            }
            else if (drain.IsCancellationRequested || (count == NothingYet && !await WaitAsync(drain)))
            {
                owed = DescriptorIo.BytesReadable(output.Descriptor);
            }
        }
        while (owed is null or > 0);
    }

    private const int NothingYet = -1;

    private async ValueTask<bool> WaitAsync(CancellationToken drain)
    {
        try
        {
            await output.WaitReadableAsync(drain);
            return true;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    // The buffer is rented only while there is something to carry: an idle shell holds none.
    private async ValueTask<int> SendAvailableAsync(CancellationToken cancellationToken)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(BufferBytes);
        try
        {
            switch (output.TryRead(buffer.AsSpan(0, BufferBytes)))
            {
                case > 0 and var count:
                    await send(buffer.AsMemory(0, count), cancellationToken);
                    return count;
                case -Errno.Again:
                    return NothingYet;
                case 0 or -Errno.Io:
                    // A terminal says so when its other side has gone.
                    return 0;
                case var failed:
                    throw new IOException(Errno.Text(-failed));
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
