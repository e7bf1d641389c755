namespace OpenShell.Driver.Vm.Records;

/// <summary>Who has to change something.</summary>
internal enum RefusalKind
{
    /// <summary>The caller: the request can never succeed.</summary>
    Invalid,

    /// <summary>The operator: it would succeed on another host or after a change of this one.</summary>
    Precondition,

    /// <summary>The operator: the host has no room left.</summary>
    Exhausted,

    /// <summary>There is one already.</summary>
    Exists,

    /// <summary>There is none.</summary>
    NotFound,

    /// <summary>The driver is ending, or the sandbox is in the way of itself; it may succeed later.</summary>
    Unavailable,
}
