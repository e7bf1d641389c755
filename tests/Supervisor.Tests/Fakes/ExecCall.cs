using System.Buffers;
using OpenShell.Protocol.Exec;
using OpenShell.Protocol.Extensions.V1;
using OpenShell.Protocol.Relay;

namespace OpenShell.Supervisor.Tests.Fakes;

/// <summary>The caller's side of an exec relay.</summary>
internal sealed class ExecCall(RelayConnection relay, string channelId) : IAsyncDisposable
{
    public RelayConnection Relay => relay;

    public string ChannelId => channelId;

    public ExecChannel Channel { get; } = new(relay);

    /// <summary>Reads the attached frame, which has to be the first.</summary>
    public async Task<ExecAttached> ReadAttachedAsync()
    {
        using var timeout = new CancellationTokenSource(TestEngine.Timeout);
        var frame = await Channel.ReadAsync(timeout.Token);
        return frame.Type == ExecFrameType.Attached
            ? ExecAttached.Parser.ParseFrom(frame.Data)
            : throw new IOException($"A frame of type {frame.Type} came and not the attached frame.");
    }

    /// <summary>Reads output until the text has come, and gives everything that has.</summary>
    public async Task<string> ReadUntilAsync(string expected)
    {
        using var timeout = new CancellationTokenSource(TestEngine.Timeout);
        var text = new System.Text.StringBuilder();
        var end = "";
        while (!end.Contains(expected, StringComparison.Ordinal))
        {
            ExecFramePart frame;
            try
            {
                frame = await Channel.ReadAsync(timeout.Token);
            }
            catch (OperationCanceledException)
            {
                throw new TimeoutException($"'{expected}' has not come; the last was: {end}");
            }

            var piece = frame.Type switch
            {
                ExecFrameType.Stdout or ExecFrameType.Stderr => System.Text.Encoding.UTF8.GetString(frame.Data.ToArray()),
                ExecFrameType.Started or ExecFrameType.Attached => "",
                _ => throw new IOException($"A frame of type {frame.Type} came and not '{expected}'; the last was: {end}"),
            };
            text.Append(piece);
            // Only what is new, and as much before it as may be the beginning of what is expected.
            end = end[^Math.Min(end.Length, expected.Length)..] + piece;
        }

        return text.ToString();
    }

    /// <summary>Reads everything up to the exit frame.</summary>
    public async Task<ExecOutcome> ReadToExitAsync(Action<byte[]>? onOutput = null)
    {
        using var timeout = new CancellationTokenSource(TestEngine.Timeout);
        var outputs = (Out: new MemoryStream(), Error: new MemoryStream());
        var pid = 0;
        while (true)
        {
            ExecFramePart frame;
            try
            {
                frame = await Channel.ReadAsync(timeout.Token);
            }
            catch (OperationCanceledException)
            {
                throw new TimeoutException("No exit frame has come.");
            }

            switch (frame.Type)
            {
                case ExecFrameType.Attached:
                    break;
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
