namespace OpenShell.Gateway.Auth;

/// <summary>Who calls.</summary>
internal abstract record Principal
{
    /// <summary>The sandbox that calls; only for methods whose access is <see cref="MethodAccess.Sandbox"/>.</summary>
    public string RequireSandboxId() => this is SandboxPrincipal sandbox
        ? sandbox.SandboxId
        : throw new InvalidOperationException("The method table let somebody else than a sandbox in.");
}

/// <summary>Nobody in particular.</summary>
internal sealed record AnonymousPrincipal : Principal;

/// <summary>A person or a program on the public listener.</summary>
/// <param name="IdentityProvider">What vouches for it.</param>
internal sealed record UserPrincipal(string Subject, string IdentityProvider) : Principal;

/// <summary>A supervisor.</summary>
/// <param name="SandboxId">Its sandbox, from the signed token.</param>
/// <param name="BootEpoch">The boot that the token was made for.</param>
/// <param name="TokenExpires">When the token ends; past only in a hello.</param>
internal sealed record SandboxPrincipal(string SandboxId, int BootEpoch, DateTimeOffset TokenExpires) : Principal;
