using OpenShell.Ssh.Loop;
using OpenShell.Ssh.Native;
using OpenShell.Ssh.Work;

namespace OpenShell.Ssh.Connections;

/// <summary>Who the client of a connection is (RFC 4252). One attempt at a time; the rest waits in order.</summary>
internal sealed class ConnectionAuthentication(SshConnection connection) : IDisposable
{
    // Far more than a client tries while one attempt is looked at.
    private const int MostWaiting = 16;

    private readonly Queue<nint> _waiting = new();
    private readonly CancellationTokenSource _closed = new();
    private bool _busy;
    private int _failed;

    /// <summary>Null until the client has authenticated.</summary>
    public ISshWork? Work { get; private set; }

    private ISshAuthenticator Authenticator => connection.Server.Authenticator;

    /// <summary>Takes an attempt, and its message with it.</summary>
    public void Handle(nint message)
    {
        if (Work is not null || _waiting.Count >= MostWaiting)
        {
            LibSshMessages.Free(message);
            return;
        }

        _waiting.Enqueue(message);
        if (!_busy)
        {
            connection.Server.Track(AnswerAllAsync());
        }
    }

    /// <summary>The connection is over.</summary>
    public void Dispose()
    {
        connection.Server.Track(_closed.CancelAsync());
        while (_waiting.TryDequeue(out var message))
        {
            LibSshMessages.Free(message);
        }
    }

    private async Task AnswerAllAsync()
    {
        _busy = true;
        while (_waiting.TryDequeue(out var message))
        {
            await AnswerAsync(message);
            LibSshMessages.Free(message);
        }

        _busy = false;
    }

    private async Task AnswerAsync(nint message)
    {
        var method = LibSshMessages.Subtype(message);
        var work = ReadCredential(message, method) is { } credential ? await LookUpAsync(credential) : null;
        if (connection.IsClosed || Work is not null)
        {
            return;
        }

        connection.Touch();
        if (work is null)
        {
            Refuse(message, method);
        }
        else if (method == AuthMethod.PublicKey && LibSshMessages.AuthPublicKeyState(message) == AuthMethod.KeyProbed)
        {
            _ = LibSshMessages.ReplyPublicKeyOk(message);
        }
        else
        {
            _ = LibSshMessages.ReplyAuthSuccess(message, 0);
            Work = work;
            connection.NoteAuthenticated();
        }
    }

    private async Task<ISshWork?> LookUpAsync(SshCredential credential)
    {
        try
        {
            return await OffLoop.RunAsync(() => Authenticator.AuthenticateAsync(credential, _closed.Token).AsTask());
        }
        catch (OperationCanceledException)
        {
            return null;
        }
    }

    // What names no method that is offered is no credential.
    private unsafe SshCredential? ReadCredential(nint message, int method)
    {
        if (LibSshMessages.Text(LibSshMessages.AuthUser(message)) is not { } user)
        {
            return null;
        }

        if (method == AuthMethod.None && Authenticator.Methods.HasFlag(SshAuthenticationMethods.None))
        {
            return new SshCredential(user, null);
        }

        if (method != AuthMethod.PublicKey || !Authenticator.Methods.HasFlag(SshAuthenticationMethods.PublicKey)
            || LibSshMessages.AuthPublicKeyState(message) is not (AuthMethod.KeyProbed or AuthMethod.KeyProven))
        {
            return null;
        }

        var key = LibSshMessages.AuthPublicKey(message);
        return new SshCredential(user, $"{LibSshKeys.NameOf(key)} {SshHostKey.PublicOf(key)}");
    }

    private void Refuse(nint message, int method)
    {
        _ = LibSshMessages.ReplyDefault(message);
        // Clients ask with the method "none" what they may try.
        if (method != AuthMethod.None || Authenticator.Methods.HasFlag(SshAuthenticationMethods.None))
        {
            _failed++;
        }

        if (_failed >= connection.Server.Options.MaxAuthenticationAttempts)
        {
            connection.Dispose();
        }
    }
}
