using OpenShell.Linux.Descriptors;

namespace OpenShell.Ssh.Native;

/// <summary>What every session of a server begins with: its host key and its algorithms.</summary>
internal sealed class NativeBind : IDisposable
{
    // Nothing with SHA-1, CBC, DSA or a MAC before encryption. libssh adds strict key exchange to the list by itself.
    private const string KeyExchanges = "curve25519-sha256,curve25519-sha256@libssh.org,ecdh-sha2-nistp256";
    private const string Ciphers = "aes128-gcm@openssh.com,aes256-gcm@openssh.com,chacha20-poly1305@openssh.com";
    private const string Macs = "hmac-sha2-256-etm@openssh.com,hmac-sha2-512-etm@openssh.com";
    private const string UserKeys = "ssh-ed25519,ecdsa-sha2-nistp256,ecdsa-sha2-nistp384,ecdsa-sha2-nistp521,rsa-sha2-512,rsa-sha2-256";

    private readonly nint _bind = LibSsh.BindNew();

    /// <param name="key">As libssh has it; the bind's from here on.</param>
    /// <exception cref="InvalidOperationException">libssh does not take the key or an algorithm.</exception>
    public NativeBind(nint key)
    {
        // A configuration of libssh that is on this machine is not for us. The option is a bool in C.
        SetNoConfig();
        Set(LibSshBindOption.KeyExchange, KeyExchanges);
        Set(LibSshBindOption.CiphersToServer, Ciphers);
        Set(LibSshBindOption.CiphersToClient, Ciphers);
        Set(LibSshBindOption.MacsToServer, Macs);
        Set(LibSshBindOption.MacsToClient, Macs);
        Set(LibSshBindOption.HostKeyAlgorithms, "ssh-ed25519");
        Set(LibSshBindOption.PublicKeyTypes, UserKeys);
        Check(LibSsh.BindSetPointer(_bind, LibSshBindOption.ImportKey, key));
    }

    /// <summary>A session over a connected, non-blocking descriptor, which it owns. 0: it could not be made, and the descriptor was closed.</summary>
    public nint Accept(FileDescriptor descriptor)
    {
        var session = LibSsh.New();
        if (session == 0)
        {
            descriptor.Dispose();
            return 0;
        }

        LibSsh.SetBlocking(session, 0);
        if (LibSsh.BindAccept(_bind, session, descriptor.Release()) == LibSsh.Ok)
        {
            return session;
        }

        LibSsh.Free(session);
        return 0;
    }

    public void Dispose() => LibSsh.BindFree(_bind);

    private unsafe void SetNoConfig()
    {
        byte no = 0;
        Check(LibSsh.BindSetPointer(_bind, LibSshBindOption.ProcessConfig, (nint)(&no)));
    }

    private void Set(int option, string value) => Check(LibSsh.BindSetText(_bind, option, value));

    private void Check(int result)
    {
        if (result != LibSsh.Ok)
        {
            throw new InvalidOperationException($"libssh: {LibSsh.ErrorText(_bind)}");
        }
    }
}
