using System.IO.Pipelines;

namespace OpenShell.Protocol.Relay;

/// <summary>Buffer sizes between a relay and an HTTP/2 client stream.</summary>
internal static class RelayPipes
{
    // A whole frame and its header fit one segment, so that a frame goes out in one write.
    internal static readonly StreamPipeWriterOptions WriterOptions = new(minimumBufferSize: RelayWire.MaxFrameData + 64, leaveOpen: true);

    internal static readonly StreamPipeReaderOptions ReaderOptions = new(bufferSize: RelayWire.MaxFrameData, minimumReadSize: 4096, useZeroByteReads: true);
}
