using System.Globalization;
using System.Security.Claims;
using System.Security.Cryptography;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;
using OpenShell.Protocol.Policies;

namespace OpenShell.Gateway.Auth;

/// <summary>A token that has just been made.</summary>
/// <param name="Value">What to send. Never logged.</param>
/// <param name="Expires">When it ends; tokens themselves know whole seconds only.</param>
internal readonly record struct IssuedToken(string Value, DateTimeOffset Expires)
{
    /// <inheritdoc/>
    public override string ToString() => $"(a token until {Expires:O})";
}

/// <summary>
/// Issues and checks the tokens that supervisors identify themselves with: ES256, one per boot of a sandbox.
/// The key is made on first start and kept in the state directory, so tokens outlive a restart of the gateway.
/// </summary>
internal sealed class SandboxTokens : IDisposable
{
    public const string KeyFileName = "sandbox-token.key";
    private const string SandboxClaim = "sandbox_id";
    private const string EpochClaim = "boot_epoch";
    private const string Issuer = "openshell-gateway";

    private readonly JsonWebTokenHandler _handler = new() { SetDefaultTimesOnTokenCreation = false };
    private readonly TimeProvider _time;
    private readonly ECDsa _key;
    private readonly SigningCredentials _signing;
    private readonly string _audience;
    private readonly TimeSpan _lifetime;

    /// <summary>Life of a token.</summary>
    public TimeSpan Lifetime => _lifetime;

    /// <summary>Whether the key was made just now: no machine that runs already has a token that is still good.</summary>
    public bool KeyIsNew { get; }

    /// <summary>Reads the key or makes one.</summary>
    /// <exception cref="IOException">The key file cannot be used.</exception>
    public SandboxTokens(string stateDirectory, TimeProvider time, TimeSpan lifetime)
    {
        _time = time;
        _lifetime = lifetime;
        _key = ECDsa.Create();
        var path = Path.Combine(stateDirectory, KeyFileName);
        KeyIsNew = !File.Exists(path);
        var stored = SecretFile.ReadOrCreate(path, NewKey);
        try
        {
            _key.ImportPkcs8PrivateKey(Convert.FromBase64String(stored), out _);
        }
        catch (Exception e) when (e is FormatException or CryptographicException)
        {
            throw new IOException($"{path} holds no key; {SecretFile.Remedy} and restarts the sandboxes that run", e);
        }

        // The audience is this gateway: another one with another key and name refuses the token twice over.
        var id = Convert.ToHexStringLower(SHA256.HashData(_key.ExportSubjectPublicKeyInfo()))[..16];
        _audience = $"{Issuer}:{id}";
        // Its own factory: the shared one keeps signature providers by public key, and with them a key that was disposed.
        var key = new ECDsaSecurityKey(_key) { KeyId = id, CryptoProviderFactory = new CryptoProviderFactory() };
        _signing = new SigningCredentials(key, SecurityAlgorithms.EcdsaSha256);
    }

    /// <summary>A token for one boot of a sandbox.</summary>
    /// <param name="policyDigest">For the token that a boot begins with: what its supervisor may run processes under. Empty: it does not say.</param>
    public IssuedToken Issue(string sandboxId, int bootEpoch, string policyDigest = "")
    {
        var claims = new Dictionary<string, object> { [SandboxClaim] = sandboxId, [EpochClaim] = bootEpoch };
        if (policyDigest.Length > 0)
        {
            claims.Add(SandboxTokenClaims.PolicyDigest, policyDigest);
        }

        var now = _time.GetUtcNow();
        var expires = now + _lifetime;
        var token = _handler.CreateToken(new SecurityTokenDescriptor
        {
            Issuer = Issuer,
            Audience = _audience,
            Subject = new ClaimsIdentity([new Claim(JwtRegisteredClaimNames.Sub, $"sandbox:{sandboxId}")]),
            Claims = claims,
            IssuedAt = now.UtcDateTime,
            Expires = expires.UtcDateTime,
            SigningCredentials = _signing,
        });
        return new IssuedToken(token, expires);
    }

    /// <summary>Who a token speaks for; null if it is not one of ours.</summary>
    /// <param name="expiredIsFine">
    /// For opening a session: a supervisor that was cut off for longer than a token's life comes back with an old one.
    /// The caller then checks that the sandbox still exists and that the boot epoch is the current one.
    /// </param>
    /// <param name="connection">What the caller's connection has proven already.</param>
    public async Task<SandboxPrincipal?> ValidateAsync(string token, bool expiredIsFine, ValidatedTokenCache? connection = null)
    {
        var proven = connection?.Find(token) ?? await ProveAsync(token);
        if (proven is null)
        {
            return null;
        }

        connection?.Remember(token, proven);
        return expiredIsFine || proven.TokenExpires > _time.GetUtcNow() ? proven : null;
    }

    private async Task<SandboxPrincipal?> ProveAsync(string token)
    {
        var result = await _handler.ValidateTokenAsync(token, new TokenValidationParameters
        {
            ValidIssuer = Issuer,
            ValidAudience = _audience,
            IssuerSigningKey = _signing.Key,
            ValidAlgorithms = [SecurityAlgorithms.EcdsaSha256],
            // Whether an old one will do is for the caller to say.
            ValidateLifetime = false,
        });
        return result.IsValid
            && result.Claims.TryGetValue(SandboxClaim, out var id) && id is string sandboxId
            && result.Claims.TryGetValue(EpochClaim, out var epoch)
            ? new SandboxPrincipal(
                sandboxId, Convert.ToInt32(epoch, CultureInfo.InvariantCulture), new DateTimeOffset(result.SecurityToken.ValidTo, TimeSpan.Zero))
            : null;
    }

    /// <inheritdoc/>
    public void Dispose() => _key.Dispose();

    private static string NewKey()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        return Convert.ToBase64String(key.ExportPkcs8PrivateKey());
    }
}
