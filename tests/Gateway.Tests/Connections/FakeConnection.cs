using Microsoft.AspNetCore.Connections;

namespace OpenShell.Gateway.Connections;

/// <summary>A connection that says whether it was ended.</summary>
internal sealed class FakeConnection : DefaultConnectionContext
{
    public bool IsOpen { get; private set; } = true;

    public PeerConnection Peer => Features.Get<PeerConnection>()!;

    public override void Abort(ConnectionAbortedException abortReason) => IsOpen = false;
}
