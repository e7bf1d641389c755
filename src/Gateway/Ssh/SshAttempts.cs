using System.Net;
using System.Net.Sockets;

namespace OpenShell.Gateway.Ssh;

/// <summary>
/// Failed attempts to come in, per address: after <see cref="MaxFailures"/> within <see cref="Window"/> an address is
/// not listened to until the window is over. Thread-safe.
/// </summary>
internal sealed class SshAttempts(TimeProvider time)
{
    /// <summary>Failures that an address may have within a window; further connections are closed unheard.</summary>
    public const int MaxFailures = 10;

    // Who has many addresses makes the oldest of them forgotten, and no more memory used.
    private const int MaxAddresses = 4096;

    // What one customer gets of IPv6 (RFC 6177) is one address to us.
    private const int CustomerBytes = 8;

    /// <summary>How long failures are remembered, from the first.</summary>
    public static readonly TimeSpan Window = TimeSpan.FromMinutes(1);

    private readonly Lock _lock = new();
    private readonly Dictionary<IPAddress, (long Since, int Failures)> _failures = [];

    public bool IsBlocked(IPAddress address)
    {
        lock (_lock)
        {
            return _failures.TryGetValue(Group(address), out var entry) && !IsOver(entry.Since) && entry.Failures >= MaxFailures;
        }
    }

    /// <summary>Somebody there could not show who they are.</summary>
    public void Fail(IPAddress address)
    {
        var group = Group(address);
        lock (_lock)
        {
            if (_failures.TryGetValue(group, out var entry) && !IsOver(entry.Since))
            {
                _failures[group] = entry with { Failures = entry.Failures + 1 };
                return;
            }

            if (_failures.Count >= MaxAddresses)
            {
                Forget();
            }

            _failures[group] = (time.GetTimestamp(), 1);
        }
    }

    private void Forget()
    {
        foreach (var (address, _) in _failures.Where(e => IsOver(e.Value.Since)).ToArray())
        {
            _failures.Remove(address);
        }

        if (_failures.Count >= MaxAddresses)
        {
            _failures.Remove(_failures.MinBy(e => e.Value.Since).Key);
        }
    }

    private bool IsOver(long since) => time.GetElapsedTime(since) >= Window;

    private static IPAddress Group(IPAddress address)
    {
        if (address.IsIPv4MappedToIPv6)
        {
            return address.MapToIPv4();
        }

        if (address.AddressFamily != AddressFamily.InterNetworkV6)
        {
            return address;
        }

        var bytes = address.GetAddressBytes();
        bytes.AsSpan(CustomerBytes).Clear();
        return new IPAddress(bytes);
    }
}
