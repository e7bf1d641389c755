namespace OpenShell.Gateway.Auth;

/// <summary>
/// The token that last proved good on a connection. A supervisor shows the same one with every relay; checking its
/// signature again costs more than the rest of a claim. Part of the connection, and gone with it. Thread-safe.
/// </summary>
internal sealed class ValidatedTokenCache
{
    private volatile Proven? _proven;

    /// <summary>Who it speaks for, if it is the one that was proven.</summary>
    public SandboxPrincipal? Find(string token) => _proven is { } proven && proven.Token == token ? proven.Principal : null;

    /// <summary>Keeps a token whose signature was checked.</summary>
    public void Remember(string token, SandboxPrincipal principal) => _proven = new Proven(token, principal);

    private sealed record Proven(string Token, SandboxPrincipal Principal);
}
