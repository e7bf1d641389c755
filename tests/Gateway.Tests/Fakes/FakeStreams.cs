using System.Threading.Channels;
using Grpc.Core;
using OpenShell.TestKit;

namespace OpenShell.Gateway.Fakes;

/// <summary>Both directions of a call: a test says what comes in and reads what goes out.</summary>
internal sealed class FakeStreams<TIn, TOut> : IAsyncStreamReader<TIn>, IServerStreamWriter<TOut>
    where TIn : class
    where TOut : class
{
    private readonly Channel<TIn> _in = Channel.CreateUnbounded<TIn>();
    private readonly Channel<TOut> _out = Channel.CreateUnbounded<TOut>();

    /// <summary>Runs before every message that goes out.</summary>
    public Func<TOut, Task>? BeforeWrite { get; set; }

    public TIn Current { get; private set; } = null!;

    public WriteOptions? WriteOptions { get; set; }

    /// <summary>Messages that went out and were not read.</summary>
    public int Unread => _out.Reader.Count;

    public void Say(TIn message) => _in.Writer.TryWrite(message);

    /// <summary>Nothing more comes in.</summary>
    public void HangUp() => _in.Writer.TryComplete();

    public Task<TOut> NextAsync(string what) => Eventually.EndsAsync(_out.Reader.ReadAsync().AsTask(), what);

    public async Task<bool> MoveNext(CancellationToken cancellationToken)
    {
        while (await _in.Reader.WaitToReadAsync(cancellationToken))
        {
            if (_in.Reader.TryRead(out var message))
            {
                Current = message;
                return true;
            }
        }

        return false;
    }

    public Task WriteAsync(TOut message) => WriteAsync(message, CancellationToken.None);

    public async Task WriteAsync(TOut message, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        await (BeforeWrite?.Invoke(message) ?? Task.CompletedTask);
        _out.Writer.TryWrite(message);
    }
}
