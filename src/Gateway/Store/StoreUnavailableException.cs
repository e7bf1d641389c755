namespace OpenShell.Gateway.Store;

/// <summary>The database cannot be opened, read or written: full, locked, not writable, or being closed.</summary>
internal sealed class StoreUnavailableException(string message, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>Whether its disk is full: reading goes on, and what was not written changed nothing.</summary>
    public bool IsFull { get; init; }
}
