using OpenShell.Linux.Descriptors;
using OpenShell.Linux.Sockets;

namespace OpenShell.Supervisor.Helper;

/// <summary>One connection of the guest and its other half to the gateway. Each direction ends on its own.</summary>
internal sealed class UplinkConnection
{
    private readonly HelperSocket _guest;
    private readonly HelperSocket _gateway;
    private readonly Flow _toGateway;
    private readonly Flow _toGuest;
    private readonly Action<UplinkConnection> _onClosed;
    private bool _connecting = true;

    public UplinkConnection(HelperLoop loop, FileDescriptor guest, FileDescriptor gateway, Action<UplinkConnection> onClosed)
    {
        _guest = loop.Add(guest, OnGuest);
        _gateway = loop.Add(gateway, OnGateway);
        _toGateway = new Flow(_guest, _gateway, loop.Buffer);
        _toGuest = new Flow(_gateway, _guest, loop.Buffer);
        _onClosed = onClosed;
        Watch();
    }

    private void OnGuest(uint events) => Handle(events, _toGateway, _toGuest);

    private void OnGateway(uint events)
    {
        if (_connecting)
        {
            _connecting = false;
            if (NativeSocket.PendingError(_gateway.Descriptor) != 0)
            {
                Close(broken: true);
                return;
            }
        }

        // A gateway that has closed takes nothing any more: the guest's word is not waited for.
        var gone = _toGuest.Ended && (events & Epoll.HangUp) != 0;
        Handle(events, _toGuest, _toGateway, gone);
    }

    /// <param name="events">Of one of the two.</param>
    /// <param name="outOf">The direction that reads from it.</param>
    /// <param name="into">The direction that writes to it.</param>
    /// <param name="gone">Whether nothing can come of it any more.</param>
    private void Handle(uint events, Flow outOf, Flow into, bool gone = false)
    {
        var whole = !gone
            && (!into.WantsWrite || (events & HelperSocket.Writable) == 0 || into.TryWrite())
            && (!outOf.WantsRead || (events & HelperSocket.Readable) == 0 || outOf.TryRead());
        if (!whole || (_toGateway.Finished && _toGuest.Finished))
        {
            Close(!whole);
        }
        else
        {
            Watch();
        }
    }

    private void Watch()
    {
        _guest.Watch(!_connecting && _toGateway.WantsRead, _toGuest.WantsWrite);
        _gateway.Watch(!_connecting && _toGuest.WantsRead, _connecting || _toGateway.WantsWrite);
    }

    private void Close(bool broken)
    {
        if (broken)
        {
            NativeSocket.ResetOnClose(_guest.Descriptor);
        }

        _toGateway.Drop();
        _toGuest.Drop();
        _guest.Dispose();
        _gateway.Dispose();
        _onClosed(this);
    }
}
