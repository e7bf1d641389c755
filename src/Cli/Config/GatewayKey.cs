using System.Security.Cryptography;
using System.Text;

namespace OpenShell.Cli.Config;

/// <summary>What a gateway is called in names of files and SSH hosts: its name, or its address where it has none.</summary>
internal static class GatewayKey
{
    /// <summary>The same with the workspace, for names of files about sandboxes.</summary>
    public static string OfFile(GatewayTarget target) =>
        target.Workspace == WorkspaceName.Default ? Of(target) : $"{Of(target)}@{target.Workspace}";

    public static string Of(GatewayTarget target)
    {
        if (target.Name is { } name)
        {
            return name;
        }

        if (target.Endpoint.SocketPath is { } path)
        {
            return $"at_unix_{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(path)))[..16]}";
        }

        // Not the characters of a configured name alone, so that the two never meet.
        var key = new StringBuilder("at_");
        foreach (var c in $"{target.Endpoint.Uri.DnsSafeHost}_{target.Endpoint.Uri.Port}")
        {
            key.Append(char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or '_' ? c : '-');
        }

        return key.ToString();
    }
}
