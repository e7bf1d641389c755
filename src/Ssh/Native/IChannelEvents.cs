namespace OpenShell.Ssh.Native;

/// <summary>
/// What libssh tells about channels from inside other calls, of which any may be the one: the receiver records
/// it and calls nothing of libssh, which is in the middle of changing its own state.
/// </summary>
internal interface IChannelEvents
{
    /// <summary>There is data: all that now lies there. Returns how much is taken, or to be thrown away.</summary>
    int OnData(nint channel, ReadOnlySpan<byte> buffered, bool isError);

    void OnEof(nint channel);

    void OnClose(nint channel);

    /// <param name="name">The signal, without SIG.</param>
    void OnSignal(nint channel, string name);

    /// <summary>What a client has started has exited. Servers are not told this.</summary>
    void OnExit(nint channel, int code)
    {
    }

    /// <summary>A signal has ended what a client has started. Servers are not told this.</summary>
    /// <param name="name">The signal, without SIG.</param>
    void OnExitSignal(nint channel, string name)
    {
    }
}
