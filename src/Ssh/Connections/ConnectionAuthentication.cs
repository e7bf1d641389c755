using OpenShell.Ssh.Abstractions;
using OpenShell.Ssh.Loop;
using OpenShell.Ssh.Native;

namespace OpenShell.Ssh.Connections;

/// <summary>Who the client of a connection is (RFC 4252). One attempt at a time; the rest waits in order.</summary>
internal sealed class ConnectionAuthentication(IConnectionHost connection, ISshAuthenticator authenticator) : IDisposable
{
    // Far more than a client tries while one attempt is looked at.
    private const int MostWaiting = 16;

    private readonly Queue<nint> _waiting = new();
    private readonly CancellationTokenSource _closed = new();
    private CancellationTokenRegistration _ended;
    private bool _busy;
    private int _failed;

    /// <summary>Null until the client has authenticated.</summary>
    public ISshConnectionHandler? Handler { get; private set; }

    /// <summary>Takes an attempt, and its message with it.</summary>
    public void Handle(nint message)
    {
        if (Handler is not null || _waiting.Count >= MostWaiting)
        {
            LibSshMessages.Free(message);
            return;
        }

        _waiting.Enqueue(message);
        if (!_busy)
        {
            connection.Track(AnswerAllAsync());
        }
    }

    /// <summary>The connection is over.</summary>
    public void Dispose()
    {
        // Never waits for the callback, which only posts.
        _ended.Unregister();
        Handler?.Dispose();
        connection.Track(_closed.CancelAsync());
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
        var handler = ReadCredential(message, method) is { } credential ? await LookUpAsync(credential) : null;
        if (!connection.IsClosed && Handler is null)
        {
            connection.ScheduleTurn();
            Answer(message, method, handler);
        }

        if (Handler != handler)
        {
            handler?.Dispose();
        }
    }

    private void Answer(nint message, int method, ISshConnectionHandler? handler)
    {
        if (handler is null)
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
            Handler = handler;
            connection.OnAuthenticated();
            _ended = handler.Ended.UnsafeRegister(static state => ((IConnectionHost)state!).PostEnd(), connection);
        }
    }

    private async Task<ISshConnectionHandler?> LookUpAsync(SshCredential credential)
    {
        try
        {
            return await ThreadPoolHop.RunAsync(() => authenticator.AuthenticateAsync(credential, _closed.Token).AsTask());
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

        if (method == AuthMethod.None && authenticator.Methods.HasFlag(SshAuthenticationMethods.None))
        {
            return new SshCredential(user, null, IsProven: true);
        }

        if (method != AuthMethod.PublicKey || !authenticator.Methods.HasFlag(SshAuthenticationMethods.PublicKey)
            || LibSshMessages.AuthPublicKeyState(message) is not (AuthMethod.KeyProbed or AuthMethod.KeyProven))
        {
            return null;
        }

        var key = LibSshMessages.AuthPublicKey(message);
        var isProven = LibSshMessages.AuthPublicKeyState(message) == AuthMethod.KeyProven;
        return new SshCredential(user, $"{LibSshKeys.NameOf(key)} {LibSshKeys.PublicBase64Of(key)}", isProven);
    }

    private void Refuse(nint message, int method)
    {
        _ = LibSshMessages.ReplyDefault(message);
        // Clients ask with the method "none" what they may try.
        if (method != AuthMethod.None || authenticator.Methods.HasFlag(SshAuthenticationMethods.None))
        {
            _failed++;
        }

        if (_failed >= connection.Options.MaxAuthenticationAttempts)
        {
            connection.Dispose();
        }
    }
}
