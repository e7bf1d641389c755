using System.Security.Cryptography;
using OpenShell.Gateway.Auth;

namespace OpenShell.Gateway.Admission;

/// <summary>
/// Fingerprints of requests, made with a key: what is in a request (environment, input of a command) cannot be guessed from
/// what is stored of it. The key is made on first start and kept in the state directory.
/// </summary>
internal sealed class RequestFingerprints
{
    public const string KeyFileName = "request-fingerprint.key";

    private const int KeyBytes = 32;

    private readonly byte[] _key;

    /// <summary>Reads the key or makes one.</summary>
    /// <exception cref="IOException">The key file cannot be used.</exception>
    public RequestFingerprints(string stateDirectory)
    {
        var path = Path.Combine(stateDirectory, KeyFileName);
        var stored = SecretFile.ReadOrCreate(path, static () => Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(KeyBytes)));
        try
        {
            _key = Convert.FromHexString(stored);
        }
        catch (FormatException e)
        {
            throw new IOException($"{path} holds no key; {SecretFile.Remedy}", e);
        }

        if (_key.Length != KeyBytes)
        {
            throw new IOException($"{path} holds no key of {KeyBytes} bytes; {SecretFile.Remedy}");
        }

        KeyId = Convert.ToHexStringLower(SHA256.HashData(_key))[..16];
    }

    /// <summary>Says which key it is, and nothing else about it: fingerprints of another one cannot be compared.</summary>
    public string KeyId { get; }

    /// <summary>The fingerprint of a request's content, in a form that is the same for the same content.</summary>
    public byte[] Of(ReadOnlySpan<byte> canonical) => HMACSHA256.HashData(_key, canonical);
}
