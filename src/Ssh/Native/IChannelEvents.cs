namespace OpenShell.Ssh.Native;

/// <summary>
/// What libssh tells about channels from inside other calls, of which any may be the one: the receiver records
/// it and calls nothing of libssh, which is in the middle of changing its own state.
/// </summary>
internal interface IChannelEvents
{
    /// <summary>There is data, and how much now lies there. Returns how much is to be thrown away.</summary>
    int OnData(nint channel, int buffered, bool isError);

    void OnEof(nint channel);

    void OnClose(nint channel);

    /// <param name="name">The signal, without SIG.</param>
    void OnSignal(nint channel, string name);
}
