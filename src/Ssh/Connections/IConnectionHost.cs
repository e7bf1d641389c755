using OpenShell.Ssh.Abstractions;
using OpenShell.Ssh.Channels;

namespace OpenShell.Ssh.Connections;

/// <summary>The connection as its parts see it: authentication, channels that are opened, ports that are listened on.</summary>
internal interface IConnectionHost : IChannelHost, IDisposable
{
    SshServerOptions Options { get; }

    /// <summary>libssh's session.</summary>
    nint Session { get; }

    /// <summary>What the client's channels lead to; once it has authenticated.</summary>
    ISshConnectionHandler Handler { get; }

    /// <summary>Channels that there are, and those that wait for their connection.</summary>
    int ChannelCount { get; }

    void Add(nint handle, SshChannel channel);

    /// <summary>Reads, sends and answers nothing until <see cref="Resume"/>.</summary>
    void Pause();

    /// <summary>Goes on where it was.</summary>
    void Resume();

    /// <summary>The client has shown who it is.</summary>
    void OnAuthenticated();

    /// <summary>Ends the connection from another thread.</summary>
    void PostEnd();
}
