using Microsoft.Win32.SafeHandles;
using OpenShell.Linux.Descriptors;

namespace OpenShell.Cli.Exec;

/// <summary>
/// Reads a descriptor on a thread of its own and only when asked to, so that nothing is read that cannot be sent.
/// An input that never ends holds nothing up: disposing ends a read that waits.
/// </summary>
internal sealed class InputReader : IDisposable
{
    private static readonly TimeSpan ThreadEndTimeout = TimeSpan.FromMilliseconds(100);

    private readonly SafeFileHandle _input;
    private readonly EventCounter _cancel = new();
    private readonly SemaphoreSlim _requested = new(0);
    private readonly Thread _thread;
    private Memory<byte> _buffer;
    private TaskCompletionSource<int> _read = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile bool _disposed;

    public InputReader(SafeFileHandle input)
    {
        _input = input;
        _thread = new Thread(Loop) { IsBackground = true, Name = "input" };
        _thread.Start();
    }

    /// <summary>Bytes read; 0 at the end and once this is disposed. One read at a time.</summary>
    public Task<int> ReadAsync(Memory<byte> buffer)
    {
        _buffer = buffer;
        _read = new TaskCompletionSource<int>(TaskCreationOptions.RunContinuationsAsynchronously);
        var read = _read.Task;
        _requested.Release();
        if (_disposed)
        {
            // The thread may have ended, and nothing else completes this.
            _read.TrySetResult(0);
        }

        return read;
    }

    public void Dispose()
    {
        if (_disposed)
        {
            return;
        }

        _disposed = true;
        _cancel.Increment();
        _requested.Release();

        // It waits in poll, which was just signalled, or is about to find _disposed. Only when another process took
        // the bytes that poll had promised does it hang in read; then it ends with the process.
        if (_thread.Join(ThreadEndTimeout))
        {
            _cancel.Dispose();
        }
    }

    private void Loop()
    {
        while (true)
        {
            _requested.Wait();
            try
            {
                var readable = !_disposed && Poll.WaitReadable(_input, _cancel);
                _read.TrySetResult(readable ? DescriptorIo.Read(_input, _buffer.Span) : 0);
            }
            catch (Exception e) when (e is IOException or ObjectDisposedException)
            {
                // A closed or broken standard input has nothing to send.
                _read.TrySetResult(0);
            }

            if (_disposed)
            {
                return;
            }
        }
    }
}
