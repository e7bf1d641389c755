using System.Collections.Concurrent;
using System.Globalization;
using System.Security.Claims;
using System.Security.Cryptography;
using System.Text;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace OpenShell.Gateway.Auth;

/// <summary>
/// Issues and checks the tokens that supervisors identify themselves with: ES256, one per boot of a sandbox.
/// The key is made on first start and kept in the state directory, so tokens outlive a restart of the gateway.
/// </summary>
internal sealed class SandboxTokens : IDisposable
{
    private const string KeyFileName = "sandbox-token.key";
    private const string SandboxClaim = "sandbox_id";
    private const string EpochClaim = "boot_epoch";
    private const string Issuer = "openshell-gateway";

    // More than sandboxes that one gateway holds; who is forgotten is verified again.
    private const int MaxVerified = 20_000;

    /// <summary>Life of a token, unless the options say something else.</summary>
    public static readonly TimeSpan DefaultLifetime = TimeSpan.FromHours(24);

    private readonly JsonWebTokenHandler _handler = new() { SetDefaultTimesOnTokenCreation = false };
    private readonly TimeProvider _time;
    private readonly ECDsa _key;
    private readonly SigningCredentials _signing;
    private readonly string _audience;
    private readonly TimeSpan _lifetime;

    // By SHA-256 of the token. Verifying a signature costs more than all else that a relay needs of this process.
    private readonly ConcurrentDictionary<string, SandboxPrincipal> _verified = new(StringComparer.Ordinal);

    /// <summary>Life of a token.</summary>
    public TimeSpan Lifetime => _lifetime;

    /// <summary>Reads the key or makes one.</summary>
    /// <exception cref="IOException">The key file cannot be used.</exception>
    public SandboxTokens(string stateDirectory, TimeProvider time, TimeSpan lifetime)
    {
        _time = time;
        _lifetime = lifetime;
        _key = ECDsa.Create();
        var path = Path.Combine(stateDirectory, KeyFileName);
        var stored = SecretFile.ReadOrCreate(path, NewKey);
        try
        {
            _key.ImportPkcs8PrivateKey(Convert.FromBase64String(stored), out _);
        }
        catch (Exception e) when (e is FormatException or CryptographicException)
        {
            throw new IOException($"{path} holds no key; remove it and restart the gateway (running sandboxes must be started again)", e);
        }

        // The audience is this gateway: another one with another key and name refuses the token twice over.
        var id = Convert.ToHexStringLower(SHA256.HashData(_key.ExportSubjectPublicKeyInfo()))[..16];
        _audience = $"{Issuer}:{id}";
        // Its own factory: the shared one keeps signature providers by public key, and with them a key that was disposed.
        var key = new ECDsaSecurityKey(_key) { KeyId = id, CryptoProviderFactory = new CryptoProviderFactory() };
        _signing = new SigningCredentials(key, SecurityAlgorithms.EcdsaSha256);
    }

    /// <summary>A token for one boot of a sandbox.</summary>
    public IssuedToken Issue(string sandboxId, int bootEpoch)
    {
        var now = _time.GetUtcNow();
        var expires = now + _lifetime;
        var token = _handler.CreateToken(new SecurityTokenDescriptor
        {
            Issuer = Issuer,
            Audience = _audience,
            Subject = new ClaimsIdentity([new Claim(JwtRegisteredClaimNames.Sub, $"sandbox:{sandboxId}")]),
            Claims = new Dictionary<string, object> { [SandboxClaim] = sandboxId, [EpochClaim] = bootEpoch },
            IssuedAt = now.UtcDateTime,
            Expires = expires.UtcDateTime,
            SigningCredentials = _signing,
        });
        return new IssuedToken(token, expires);
    }

    /// <summary>Who a token speaks for; null if it is not one of ours.</summary>
    /// <param name="token">The token.</param>
    /// <param name="expiredIsFine">
    /// For opening a session: a supervisor that was cut off for longer than a token's life comes back with an old one.
    /// The caller then checks that the sandbox still exists and that the boot epoch is the current one.
    /// </param>
    public async Task<SandboxPrincipal?> ValidateAsync(string token, bool expiredIsFine)
    {
        // A supervisor shows the same token with every relay, and what a signature says does not change.
        var digest = Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(token)));
        if (!_verified.TryGetValue(digest, out var principal))
        {
            principal = await VerifyAsync(token);
            if (principal is null)
            {
                return null;
            }

            if (_verified.Count >= MaxVerified)
            {
                _verified.Clear();
            }

            _verified[digest] = principal;
        }

        return expiredIsFine || principal.TokenExpires > _time.GetUtcNow() ? principal : null;
    }

    private async Task<SandboxPrincipal?> VerifyAsync(string token)
    {
        var result = await _handler.ValidateTokenAsync(token, new TokenValidationParameters
        {
            ValidIssuer = Issuer,
            ValidAudience = _audience,
            IssuerSigningKey = _signing.Key,
            ValidAlgorithms = [SecurityAlgorithms.EcdsaSha256],
            // The caller's to decide, every time anew.
            LifetimeValidator = static (_, _, _, _) => true,
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
