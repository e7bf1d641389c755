namespace OpenShell.Ssh.Native;

/// <summary>
/// What libssh tells about channels from inside other calls, of which any may be the one: whoever is told takes a note
/// and calls nothing of libssh.
/// </summary>
internal interface IChannelEvents
{
    /// <summary>There is data, and how much now lies there. Returns how much is to be thrown away.</summary>
    int OnData(nint channel, int buffered, bool isError);

    void OnEof(nint channel);

    void OnClose(nint channel);

    /// <param name="channel">The channel.</param>
    /// <param name="name">The signal, without SIG.</param>
    void OnSignal(nint channel, string name);
}
