using System.Collections.Frozen;

namespace OpenShell.Gateway.Auth;

/// <summary>Who may call a method.</summary>
internal enum MethodAccess
{
    /// <summary>Everybody.</summary>
    Anyone,

    /// <summary>Users.</summary>
    User,

    /// <summary>Supervisors, for their own sandbox.</summary>
    Sandbox,

    /// <summary>Both.</summary>
    UserOrSandbox,

    /// <summary>Other gateways. There are none that this one could know: nobody.</summary>
    Peer,
}

/// <summary>Who may call each method, by its path; a method that is not here is refused.</summary>
internal sealed class MethodTable(IEnumerable<KeyValuePair<string, MethodAccess>> methods)
{
    private readonly FrozenDictionary<string, MethodAccess> _methods = methods.ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>All methods by path.</summary>
    public IReadOnlyDictionary<string, MethodAccess> All => _methods;

    /// <summary>Who may call the method with this path; null if there is none.</summary>
    public MethodAccess? Find(string path) => _methods.TryGetValue(path, out var access) ? access : null;
}
