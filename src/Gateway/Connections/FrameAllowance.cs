namespace OpenShell.Gateway.Connections;

/// <summary>
/// How many of the frames that cost us something a connection may send. The numbers are the same before and after it
/// has shown a token, so that nothing depends on how quickly one is looked at. Not thread-safe.
/// </summary>
internal sealed class FrameAllowance(TimeProvider time)
{
    // A client that ends as many streams as one connection may have watches, and some; thousands of relays in a minute.
    private const int Resets = 2000;
    private const int ResetsPerSecond = 200;

    // gRPC in Go and C measures a connection with a ping per round trip while data flows, which on one machine is
    // thousands a second.
    private const int Pings = 20_000;
    private const int PingsPerSecond = 10_000;

    // A SETTINGS and its acknowledgement; a CONTINUATION per 16 KiB of headers; a PRIORITY per stream of old clients.
    private const int Needless = 1000;
    private const int NeedlessPerSecond = 50;

    private TokenBucket _resets = new(Resets, ResetsPerSecond, time.GetTimestamp());
    private TokenBucket _pings = new(Pings, PingsPerSecond, time.GetTimestamp());
    private TokenBucket _needless = new(Needless, NeedlessPerSecond, time.GetTimestamp());

    /// <summary>Accounts for frames that came.</summary>
    /// <returns>Why the connection has to end; null if it may go on.</returns>
    public PeerEnd? Take(FrameCounts counts)
    {
        if (!counts.Any)
        {
            return null;
        }

        return this switch
        {
            _ when !_resets.TryTake(counts.Resets, time) => PeerEnd.Resets,
            _ when !_pings.TryTake(counts.Pings, time) => PeerEnd.Pings,
            _ when !_needless.TryTake(counts.Needless, time) => PeerEnd.NeedlessFrames,
            _ => null,
        };
    }
}
