namespace OpenShell.Protocol;

/// <summary>
/// Sockets complete on the thread that polls them, instead of handing every event to the thread pool. Measured on a relay
/// (docs/performance.md): half again the bytes per second, and a third off an echo. The price: what follows an operation
/// on a <see cref="System.Net.Sockets.Socket"/> of ours must not block, least of all on another socket or pipe. Kestrel
/// and HttpClient leave that thread before they run continuations.
/// </summary>
public static class InlineSocketCompletions
{
    // Read once by System.Net.Sockets, when the first socket is made; there is no other switch.
    private const string Switch = "DOTNET_SYSTEM_NET_SOCKETS_INLINE_COMPLETIONS";

    /// <summary>Call before the first socket of the process. A value that the environment has already stays.</summary>
    public static void Enable()
    {
        if (Environment.GetEnvironmentVariable(Switch) is null)
        {
            Environment.SetEnvironmentVariable(Switch, "1");
        }
    }
}
