using System.Text.Json;
using OpenShell.Cli.Context;
using OpenShell.Linux.Files;

namespace OpenShell.Cli.Config;

/// <summary>
/// The configured gateways: <c>gateways/NAME/metadata.json</c> and <c>active_gateway</c> under the user's directory,
/// then under the system's. The user's entry of a name hides the system's, and either hides this user's own gateway, which
/// is "local" without being configured. Files are replaced whole, so a reader never sees half of one.
/// </summary>
internal sealed class GatewayStore(CliEnvironment environment)
{
    private const string PlaintextAuth = "plaintext";
    private const string PeerAuth = "unix-peer";
    private const string TokenAuth = "oidc";
    private const string ClientId = "openshell-cli";

    private readonly string _user = environment.ConfigDirectory;
    private readonly string _system = environment.SystemGatewayDirectory;

    /// <summary>All of them by name, hidden ones left out.</summary>
    public IReadOnlyList<GatewayEntry> List()
    {
        var entries = new SortedDictionary<string, GatewayEntry>(StringComparer.Ordinal);
        foreach (var source in (GatewaySource[])[GatewaySource.System, GatewaySource.User])
        {
            var directory = Path.Combine(DirectoryOf(source), "gateways");
            foreach (var path in Directory.Exists(directory) ? Directory.EnumerateDirectories(directory) : [])
            {
                if (Read(Path.GetFileName(path), source) is { } entry)
                {
                    entries[entry.Name] = entry;
                }
            }
        }

        if (Own(GatewayName.Local) is { } own)
        {
            entries.TryAdd(own.Name, own);
        }

        return [.. entries.Values];
    }

    /// <summary>The user's entry of this name, else the system's, else the user's own gateway, else null.</summary>
    public GatewayEntry? Find(string name) => Read(name, GatewaySource.User) ?? Read(name, GatewaySource.System) ?? Own(name);

    /// <summary>Name of the gateway that was selected; null when none was.</summary>
    public string? Selected => ReadActive(GatewaySource.User) ?? ReadActive(GatewaySource.System);

    /// <summary>Name of the gateway that is used when none is named: the selected one, else the user's own; null when there is none.</summary>
    public string? Active => Selected ?? (Find(GatewayName.Local) is { Source: GatewaySource.Own } own ? own.Name : null);

    /// <summary>
    /// Adds or replaces the user's entry. A token is also written where the public SDKs read it, so that they can use the gateway.
    /// </summary>
    public void Add(string name, GatewayEndpoint endpoint, AccessToken? token, bool sendTokenInClear)
    {
        var isSocket = endpoint.SocketPath is not null;
        var metadata = new GatewayMetadata
        {
            Name = name,
            GatewayEndpoint = endpoint.ToString(),
            IsRemote = !endpoint.IsLoopback,
            GatewayPort = isSocket ? null : endpoint.Uri.Port,
            AuthMode = isSocket ? PeerAuth : token is null ? PlaintextAuth : TokenAuth,
            OidcIssuer = token is null ? null : endpoint.ToString(),
            OidcClientId = token is null ? null : ClientId,
            TokenFile = token?.File,
            SendTokenInClear = sendTokenInClear ? true : null,
        };
        var path = MetadataPath(name, GatewaySource.User);
        var tokenPath = Path.Combine(Path.GetDirectoryName(path)!, "oidc_token.json");
        PrivateFile.CreateDirectory(_user);
        if (token is null)
        {
            PrivateFile.Replace(path, JsonSerializer.Serialize(metadata, GatewayMetadataJson.Default.GatewayMetadata) + "\n");
            File.Delete(tokenPath);
            return;
        }

        // Before the entry that says that it is there.
        var sdkToken = new SdkToken { AccessToken = token.Value, Issuer = endpoint.ToString(), ClientId = ClientId };
        PrivateFile.Replace(tokenPath, JsonSerializer.Serialize(sdkToken, GatewayMetadataJson.Default.SdkToken) + "\n");
        PrivateFile.Replace(path, JsonSerializer.Serialize(metadata, GatewayMetadataJson.Default.GatewayMetadata) + "\n");
    }

    /// <summary>Removes the user's entry, and its selection; false when there is none.</summary>
    public bool Remove(string name)
    {
        var directory = Path.GetDirectoryName(MetadataPath(name, GatewaySource.User))!;
        if (!Directory.Exists(directory))
        {
            return false;
        }

        Directory.Delete(directory, recursive: true);
        if (ReadActive(GatewaySource.User) == name)
        {
            File.Delete(ActivePath(GatewaySource.User));
        }

        return true;
    }

    /// <summary>Makes this the gateway that is used when none is named.</summary>
    public void Select(string name)
    {
        PrivateFile.CreateDirectory(_user);
        PrivateFile.Replace(ActivePath(GatewaySource.User), name + "\n");
    }

    private GatewayEntry? Read(string name, GatewaySource source)
    {
        if (!GatewayName.IsValid(name))
        {
            return null;
        }

        var path = MetadataPath(name, source);
        // Anything else that is there: the entry is damaged, and no other one stands in for it.
        if (!Path.Exists(path))
        {
            return null;
        }

        try
        {
            var metadata = JsonSerializer.Deserialize(File.ReadAllText(path), GatewayMetadataJson.Default.GatewayMetadata);
            return metadata?.GatewayEndpoint is { Length: > 0 } endpoint
                ? new GatewayEntry(name, endpoint, metadata.AuthMode ?? PlaintextAuth, metadata.TokenFile, metadata.SendTokenInClear ?? false, source)
                : throw Broken(path, "it has no gateway_endpoint", null);
        }
        catch (JsonException e)
        {
            throw Broken(path, "it is not JSON", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Broken(path, Directory.Exists(path) ? "it is a directory" : e.Message.TrimEnd('.'), e);
        }
    }

    private GatewayEntry? Own(string name) => name == GatewayName.Local && File.Exists(environment.OwnGatewaySocket)
        ? new GatewayEntry(name, GatewayEndpoint.OfSocket(environment.OwnGatewaySocket), PeerAuth, null, false, GatewaySource.Own)
        : null;

    private string? ReadActive(GatewaySource source)
    {
        var path = ActivePath(source);
        try
        {
            return PrivateFile.TryRead(path)?.Trim() is not { Length: > 0 } name ? null
                : GatewayName.IsValid(name) ? name
                : throw NoSelection(path, "it holds no name", null);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw NoSelection(path, Directory.Exists(path) ? "it is a directory" : e.Message.TrimEnd('.'), e);
        }
    }

    private string DirectoryOf(GatewaySource source) => source == GatewaySource.User ? _user : _system;

    private string MetadataPath(string name, GatewaySource source) =>
        Path.Combine(DirectoryOf(source), "gateways", name, "metadata.json");

    private string ActivePath(GatewaySource source) => Path.Combine(DirectoryOf(source), "active_gateway");

    private static CliException NoSelection(string path, string reason, Exception? cause) =>
        new(CliError.Failed($"cannot read {path}: {reason}; remove it and select again: openshell gateway select NAME"), cause);

    private static CliException Broken(string path, string reason, Exception? cause) =>
        new(CliError.Failed($"cannot read {path}: {reason}; remove the gateway and add it again"), cause);
}
