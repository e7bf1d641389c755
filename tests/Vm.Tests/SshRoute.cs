namespace OpenShell.Vm;

/// <summary>How ssh gets into the sandbox.</summary>
public enum SshRoute
{
    /// <summary>By <c>openshell ssh-proxy</c>, as <c>sandbox connect</c> and <c>ssh-config</c> have it.</summary>
    Proxy,

    /// <summary>By the public SSH gateway.</summary>
    Gateway,
}
