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
    public static (RelayConnection Near, RelayConnection Far, PipeWriter ToNear) ConnectBoth()
    {
        var (toFar, toNear) = (new Pipe(), new Pipe());
        return (Connect(toNear.Reader, toFar.Writer), Connect(toFar.Reader, toNear.Writer), toNear.Writer);
    }

    private static RelayConnection Connect(PipeReader reader, PipeWriter writer) =>
        new(new RelayFrameReader(reader), new RelayFrameWriter(writer), new RecordingTransport(), peerKnowsEndOfStream: true);

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
