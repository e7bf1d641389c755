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
}
