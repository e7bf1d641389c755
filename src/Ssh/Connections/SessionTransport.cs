using OpenShell.Linux.Descriptors;
using OpenShell.Ssh.Loop;
using OpenShell.Ssh.Native;

namespace OpenShell.Ssh.Connections;

/// <summary>libssh's session and the socket below it: the key exchange, what waits to be sent, what the socket is polled for. The loop's.</summary>
internal sealed class SessionTransport(NativeSession session, PollRegistration registration) : IDisposable
{
    // What libssh may hold of our output before channels wait for the socket.
    private const long OutputLimit = 256 * 1024;

    // And before nothing more is read: every request of a client makes an answer.
    private const long AnswerLimit = 1024 * 1024;

    private bool _keysExchanged;

    public nint Session => session.Handle;

    /// <summary>Grows whenever any call of libssh has read from the socket.</summary>
    public ulong BytesRead => session.BytesRead;

    public bool IsBroken => session.IsBroken;

    public bool IsPaused => registration.IsPaused;

    /// <summary>Whether channels may hand libssh more.</summary>
    public bool TakesOutput => !registration.IsPaused && session.PendingOutput < OutputLimit;

    /// <summary>Polls the socket, from the beginning or again.</summary>
    /// <returns>False: the kernel does not.</returns>
    public bool TryPoll() => registration.TryPoll();

    public void Pause() => registration.Pause();

    /// <summary>Has libssh tell about this channel.</summary>
    public void Listen(nint channel) => session.Listen(channel);

    /// <summary>Goes on with the key exchange.</summary>
    /// <returns>True: it is done. False: it waits for the client. Null: it has failed.</returns>
    public bool? TryExchangeKeys()
    {
        if (_keysExchanged)
        {
            return true;
        }

        // For as long as a call has read something: a poll does not report what libssh has in its own buffer.
        ulong before;
        do
        {
            before = session.BytesRead;
            switch (LibSsh.HandleKeyExchange(Session))
            {
                case LibSsh.Ok:
                    _keysExchanged = true;
                    LibSsh.SetAuthMethods(Session, AuthMethod.PublicKey);
                    return true;
                case LibSsh.Error:
                    return null;
            }
        }
        while (session.BytesRead != before);
        return false;
    }

    /// <summary>Sends what waits, as far as the socket takes it.</summary>
    /// <returns>Whether that has read something: the connection needs another turn.</returns>
    public bool Flush()
    {
        var before = session.BytesRead;
        if (session.HasPendingOutput)
        {
            _ = LibSsh.Flush(Session, 0);
        }

        return session.BytesRead != before;
    }

    /// <summary>Polls for what the session can do something with.</summary>
    public void UpdateInterest() =>
        registration.Want((session.PendingOutput < AnswerLimit ? Epoll.In : 0) | (session.HasPendingOutput ? Epoll.Out : 0));

    /// <summary>The connection is over; its channels are told before <see cref="Dispose"/> frees them.</summary>
    public void End()
    {
        if (!session.IsBroken)
        {
            // What was said last, such as a refusal, if the socket takes it.
            _ = LibSsh.Flush(Session, 0);
        }

        registration.End();
    }

    /// <summary>Frees the session and its channels, and closes the socket.</summary>
    public void Dispose() => session.Dispose();
}
