using OpenShell.Supervisor.Gateway;

namespace OpenShell.Supervisor.Relays;

/// <summary>
/// The HTTP/2 connections that carry relays. The first few relays have one each, so that a busy one does not delay others;
/// further ones share the least loaded. Each carries 48 at most, so that their windows fit the connection's.
/// </summary>
internal sealed class RelayConnections(GatewayDialer dialer) : IDisposable
{
    public const int RelaysPerConnection = 48;
    private const int UnsharedConnections = 4;

    private readonly Lock _lock = new();
    private readonly List<Slot> _slots = [];

    /// <summary>A place on a connection. Disposing it gives the place back.</summary>
    public Lease Rent()
    {
        lock (_lock)
        {
            var slot = _slots.MinBy(candidate => candidate.Relays);
            if (slot is null || slot.Relays >= (_slots.Count < UnsharedConnections ? 1 : RelaysPerConnection))
            {
                slot = new Slot(new HttpMessageInvoker(dialer.CreateHandler()));
                _slots.Add(slot);
            }

            slot.Relays++;
            return new Lease(this, slot);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_lock)
        {
            _slots.ForEach(slot => slot.Http.Dispose());
            _slots.Clear();
        }
    }

    // Null: there is no other connection that is up and has a place.
    private Slot? Share(Slot own)
    {
        lock (_lock)
        {
            var other = _slots.Where(slot => slot != own && slot.IsUp && slot.Relays < RelaysPerConnection).MinBy(slot => slot.Relays);
            if (other is not null)
            {
                other.Relays++;
                Release(own);
            }

            return other;
        }
    }

    private void MarkUp(Slot slot)
    {
        lock (_lock)
        {
            slot.IsUp = true;
        }
    }

    private void Return(Slot slot)
    {
        lock (_lock)
        {
            Release(slot);
        }
    }

    private void Release(Slot slot)
    {
        slot.Relays--;
        // One is kept for the next relay, and rather one that is up: another may never be. An unused connection closes itself
        // after a while.
        if (slot.Relays == 0 && _slots.Any(other => other != slot && (other.IsUp || !slot.IsUp)) && _slots.Remove(slot))
        {
            slot.Http.Dispose();
        }
    }

    internal sealed class Slot(HttpMessageInvoker http)
    {
        public HttpMessageInvoker Http { get; } = http;

        public int Relays { get; set; }

        /// <summary>A relay was claimed over it.</summary>
        public bool IsUp { get; set; }
    }

    /// <summary>A place on a connection, of one relay.</summary>
    internal sealed class Lease(RelayConnections owner, Slot slot) : IDisposable
    {
        private Slot? _slot = slot;

        public HttpMessageInvoker Http { get; private set; } = slot.Http;

        /// <summary>
        /// Takes a place on another connection that is up, because its own cannot be made. False: there is none with a place.
        /// </summary>
        public bool TryShare()
        {
            if (_slot is not { } own || owner.Share(own) is not { } other)
            {
                return false;
            }

            (_slot, Http) = (other, other.Http);
            return true;
        }

        /// <summary>A relay was claimed over its connection.</summary>
        public void MarkUp()
        {
            if (_slot is { } own)
            {
                owner.MarkUp(own);
            }
        }

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _slot, null) is { } returned)
            {
                owner.Return(returned);
            }
        }
    }
}
