using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using OpenShell.Gateway.Auth;

namespace OpenShell.Gateway.Connections;

/// <summary>
/// One accepted connection and what it has shown of itself so far; a feature of the connection. Owned by
/// <see cref="ConnectionRegistry"/>. Thread-safe.
/// </summary>
internal sealed class PeerConnection(ConnectionContext connection, ConnectionRegistry registry, ConnectionOptions options, TimeProvider time)
{
    private readonly Lock _lock = new();
    private readonly TaskCompletionSource _authenticated = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private TokenBucket _bytes = new(options.AnonymousBytes, options.AnonymousBytesPerSecond, time.GetTimestamp());
    private long _lastActive = time.GetTimestamp();
    private int _calls;
    private int _closing;
    private int _ended;

    /// <summary>Whether it has shown a token that is good.</summary>
    public bool IsAuthenticated => _authenticated.Task.IsCompleted;

    /// <summary>Whether it can be told why it ends.</summary>
    public bool SpeaksHttp2 { get; set; }

    /// <summary>The sandbox that it is of; null for people, and before it has said so.</summary>
    public string? SandboxId { get; private set; }

    /// <summary>When it was last doing something; <see cref="long.MaxValue"/> while it is.</summary>
    public long LastActive
    {
        get
        {
            lock (_lock)
            {
                return _calls > 0 ? long.MaxValue : _lastActive;
            }
        }
    }

    /// <summary>A call showed who is there. Only the first time counts.</summary>
    public void Authenticate(Principal principal)
    {
        lock (_lock)
        {
            if (IsAuthenticated)
            {
                return;
            }

            SandboxId = (principal as SandboxPrincipal)?.SandboxId;
            _authenticated.SetResult();
        }

        registry.NoteAuthenticated(this);
    }

    /// <summary>A call without a token begins; false: there are too many.</summary>
    public bool TryBeginAnonymousCall()
    {
        lock (_lock)
        {
            if (_calls >= options.MaxAnonymousCalls)
            {
                return false;
            }

            _calls++;
            return true;
        }
    }

    /// <summary>A call without a token is over.</summary>
    public void EndAnonymousCall()
    {
        lock (_lock)
        {
            _calls--;
            _lastActive = time.GetTimestamp();
        }
    }

    /// <summary>Accounts for bytes that came.</summary>
    public void NoteRead(long bytes)
    {
        if (!IsAuthenticated)
        {
            lock (_lock)
            {
                _bytes.Take(bytes, time);
            }
        }
    }

    /// <summary>Whether more is to be read now. Otherwise <see cref="WaitUntilMayReadAsync"/>.</summary>
    public bool MayRead
    {
        get
        {
            if (IsAuthenticated)
            {
                return true;
            }

            lock (_lock)
            {
                return !_bytes.IsEmpty;
            }
        }
    }

    /// <summary>
    /// Waits until a token was shown, or what was sent without one is worth reading. Ends the connection when neither
    /// comes to pass.
    /// </summary>
    /// <exception cref="ConnectionAbortedException">It was ended.</exception>
    public async Task WaitUntilMayReadAsync(CancellationToken cancellationToken)
    {
        TimeSpan debt;
        lock (_lock)
        {
            _bytes.Refill(time);
            debt = _bytes.Debt;
        }

        var wait = debt < options.AnonymousTimeout ? debt : options.AnonymousTimeout;
        try
        {
            await _authenticated.Task.WaitAsync(wait, time, cancellationToken);
        }
        catch (TimeoutException) when (debt <= options.AnonymousTimeout)
        {
            lock (_lock)
            {
                _bytes.Refill(time);
            }
        }
        catch (TimeoutException)
        {
            End(PeerEnd.Bytes);
            throw new ConnectionAbortedException("too many bytes without a token");
        }
    }

    /// <summary>Ends the connection; the first reason counts. The client is told to calm down.</summary>
    public void End(PeerEnd reason)
    {
        if (Interlocked.Exchange(ref _closing, 1) == 0)
        {
            ConnectionMetrics.Ended(reason);
        }

        Abort(reason);
    }

    /// <summary>Ends the connection because it is idle: in order, and if it is still there the next time, at once.</summary>
    public void EndIdle()
    {
        if (!MayRead)
        {
            // It is not heard because it said too much, which ends it soon.
            return;
        }

        if (connection.Features.Get<IConnectionLifetimeNotificationFeature>() is { } lifetime && Interlocked.Exchange(ref _closing, 1) == 0)
        {
            ConnectionMetrics.Ended(PeerEnd.Idle);
            lifetime.RequestClose();
            return;
        }

        End(PeerEnd.Idle);
    }

    private void Abort(PeerEnd reason)
    {
        if (Interlocked.Exchange(ref _ended, 1) == 0)
        {
            SendGoAway();
            connection.Abort(new ConnectionAbortedException($"ended by the gateway: {reason}"));
        }
    }

    // The server's own writer cannot be told to say this. Past it, then: if the socket takes it at once, between two of
    // its writes, which are whole frames. A client that does not read has itself to blame for not hearing.
    private void SendGoAway()
    {
        if (!SpeaksHttp2 || connection.Features.Get<IConnectionSocketFeature>()?.Socket is not { } socket)
        {
            return;
        }

        try
        {
            if (socket.Poll(TimeSpan.Zero, SelectMode.SelectWrite))
            {
                socket.Send(GoAway.EnhanceYourCalm);
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // It is gone already.
        }
    }
}
