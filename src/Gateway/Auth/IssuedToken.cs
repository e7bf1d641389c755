namespace OpenShell.Gateway.Auth;

/// <summary>A token that has just been made.</summary>
/// <param name="Value">What to send. Never logged.</param>
/// <param name="Expires">When it ends; tokens themselves know whole seconds only.</param>
internal readonly record struct IssuedToken(string Value, DateTimeOffset Expires)
{
    /// <inheritdoc/>
    public override string ToString() => $"(a token until {Expires:O})";
}
