using System.Security.Cryptography;
using System.Text;

namespace OpenShell.Gateway.Auth;

/// <summary>The token of whoever runs the gateway, from a file that the CLI of the same user finds.</summary>
internal sealed class AdminToken
{
    public const string FileName = "admin.token";

    private readonly byte[] _hash;

    /// <summary>Reads the token from the state directory or makes one.</summary>
    /// <exception cref="IOException">The file cannot be used.</exception>
    public AdminToken(string stateDirectory) =>
        _hash = Hash(SecretFile.ReadOrCreate(Path.Combine(stateDirectory, FileName), SecretFile.NewToken));

    /// <summary>Compares in constant time.</summary>
    public bool Matches(string token) => CryptographicOperations.FixedTimeEquals(Hash(token), _hash);

    private static byte[] Hash(string token) => SHA256.HashData(Encoding.UTF8.GetBytes(token));
}
