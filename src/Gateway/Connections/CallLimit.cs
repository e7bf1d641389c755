namespace OpenShell.Gateway.Connections;

/// <summary>What a call was refused for; a label in metrics.</summary>
internal enum CallLimit
{
    /// <summary>Calls at a time on a connection without a token.</summary>
    AnonymousCalls,

    /// <summary>Calls at a time of a sandbox.</summary>
    SandboxCalls,

    /// <summary>Calls a minute of a sandbox.</summary>
    SandboxRate,

    /// <summary>Bytes of a request without a token.</summary>
    RequestSize,

    /// <summary>Time for a request to come in.</summary>
    RequestTime,

    /// <summary>Bytes of all requests that are coming in.</summary>
    RequestMemory,

    /// <summary>Watches at a time.</summary>
    Watches,
}
