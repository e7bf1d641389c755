using System.Buffers;
using OpenShell.Protocol.Exec;
using OpenShell.Protocol.Extensions.V1;
using OpenShell.Protocol.Relay;

namespace OpenShell.Supervisor.Tests.Fakes;

/// <summary>The caller's side of an exec relay.</summary>
internal sealed class ExecCall(RelayConnection relay, string channelId) : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    public RelayConnection Relay => relay;

    public string ChannelId => channelId;

    public ExecChannel Channel { get; } = new(relay);

    /// <summary>Reads everything up to the exit frame.</summary>
    public async Task<ExecOutcome> ReadToExitAsync(Action<byte[]>? onOutput = null)
    {
        using var patience = new CancellationTokenSource(Patience);
        var outputs = (Out: new MemoryStream(), Error: new MemoryStream());
        var pid = 0;
        while (true)
        {
            ExecFramePart frame;
            try
            {
                frame = await Channel.ReadAsync(patience.Token);
            }
            catch (OperationCanceledException)
            {
                throw new TimeoutException("No exit frame has come.");
            }

            switch (frame.Type)
            {
                case ExecFrameType.Started:
                    pid = ExecStarted.Parser.ParseFrom(frame.Data).Pid;
                    break;
                case ExecFrameType.Stdout:
                    var bytes = frame.Data.ToArray();
                    outputs.Out.Write(bytes);
                    onOutput?.Invoke(bytes);
                    break;
                case ExecFrameType.Stderr:
                    outputs.Error.Write(frame.Data.ToArray());
                    break;
                case ExecFrameType.Exit:
                    return new ExecOutcome(pid, ExecExit.Parser.ParseFrom(frame.Data), outputs.Out.ToArray(), outputs.Error.ToArray());
                default:
                    throw new IOException($"The relay ended without an exit frame ({frame.Type}).");
            }
        }
    }

    public ValueTask WriteAsync(string text) => Channel.WriteAsync(ExecFrameType.Stdin, System.Text.Encoding.UTF8.GetBytes(text), CancellationToken.None);

    public ValueTask EndInputAsync() => Channel.WriteAsync(ExecFrameType.StdinEnd, ReadOnlyMemory<byte>.Empty, CancellationToken.None);

    public async ValueTask DisposeAsync()
    {
        Channel.Dispose();
        await relay.DisposeAsync();
    }
}
