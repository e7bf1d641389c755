namespace OpenShell.Gateway.Auth;

/// <summary>What a listener is for.</summary>
internal enum ListenerKind
{
    /// <summary>Users.</summary>
    Public,

    /// <summary>Users who are this user or root, at the local socket; they need no token.</summary>
    Local,

    /// <summary>Supervisors, and nothing else.</summary>
    Supervisor,

    /// <summary>Probes over HTTP/1.1.</summary>
    Health,

    /// <summary>Prometheus over HTTP/1.1.</summary>
    Metrics,
}

/// <summary>Connection feature that says which listener accepted it.</summary>
internal sealed record ListenerFeature(ListenerKind Kind);
