using System.IO.Pipelines;
using OpenShell.Protocol.Relay;

namespace OpenShell.Gateway.Fakes;

/// <summary>A relay's stream that goes nowhere and keeps what was done to it.</summary>
internal sealed class RecordingTransport : IRelayTransport
{
    public List<string> Calls { get; } = [];

    public bool PeerEndsStream => false;

    public static RelayConnection Connect(out RecordingTransport transport)
    {
        transport = new RecordingTransport();
        var pipe = new Pipe();
        return new RelayConnection(new RelayFrameReader(pipe.Reader), new RelayFrameWriter(pipe.Writer), transport, peerKnowsEndOfStream: true);
    }

    /// <summary>The two ends of a relay. Whoever has the far end's writer can break it.</summary>
    public static (RelayConnection Near, RelayConnection Far, PipeWriter ToNear) ConnectBoth() => ConnectBoth(out _);

    /// <summary>As above, with what was done to the near end.</summary>
    public static (RelayConnection Near, RelayConnection Far, PipeWriter ToNear) ConnectBoth(out RecordingTransport near)
    {
        var (toFar, toNear) = (new Pipe(), new Pipe());
        near = new RecordingTransport();
        return (Connect(toNear.Reader, toFar.Writer, near), Connect(toFar.Reader, toNear.Writer, new RecordingTransport()), toNear.Writer);
    }

    private static RelayConnection Connect(PipeReader reader, PipeWriter writer, RecordingTransport transport) =>
        new(new RelayFrameReader(reader), new RelayFrameWriter(writer), transport, peerKnowsEndOfStream: true);

    public ValueTask CompleteWritesAsync() => ValueTask.CompletedTask;

    public void ThrowIfFailed()
    {
    }

    public void Abort() => Calls.Add("abort");

    public ValueTask CloseAsync(bool clean)
    {
        Calls.Add(clean ? "close clean" : "close reset");
        return ValueTask.CompletedTask;
    }
}
