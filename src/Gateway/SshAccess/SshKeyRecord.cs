using System.Text.Json.Serialization;

namespace OpenShell.Gateway.SshAccess;

/// <summary>A public key whose owner may come into every sandbox.</summary>
/// <param name="Fingerprint">SHA256:… as ssh-keygen shows it.</param>
/// <param name="Key">Type and base64, as in authorized_keys.</param>
/// <param name="Comment">For people; may be empty.</param>
/// <param name="CreatedAt">When it was added first.</param>
internal sealed record SshKeyRecord(string Fingerprint, string Key, string Comment, DateTimeOffset CreatedAt)
{
    /// <summary>The key of a row that is damaged: no client's key equals it, so it lets nobody in, and it can be seen and removed.</summary>
    public const string UnreadableKey = "unreadable ";

    /// <summary>Such as ssh-ed25519.</summary>
    public string KeyType => Key[..Key.IndexOf(' ', StringComparison.Ordinal)];
}

/// <summary>What of an <see cref="SshKeyRecord"/> has no column of its own.</summary>
internal sealed record SshKeyPayload(string Key, string Comment);

/// <summary>Serializer of <see cref="SshKeyPayload"/>.</summary>
[JsonSerializable(typeof(SshKeyPayload))]
internal sealed partial class SshKeyPayloadJson : JsonSerializerContext;
