using OpenShell.Cli.Context;
using OpenShell.Linux.Files;

namespace OpenShell.Cli.Ssh;

/// <summary>
/// Hosts of ours for the user's ssh: <c>openshell/ssh_config</c> in the configuration directory, all ours, and one line in
/// <c>~/.ssh/config</c> that includes it. Of the user's file nothing but that line is ever changed.
/// </summary>
internal sealed class SshConfigFile(CliEnvironment environment)
{
    private const string Header = "# Written by openshell sandbox ssh-config --install; changes are lost.\n";
    private const string HostKeyword = "Host ";

    /// <summary>The file that is ours.</summary>
    public string ManagedPath { get; } = Path.Combine(environment.ConfigDirectory, "ssh_config");

    /// <summary>The user's file.</summary>
    public string UserPath { get; } = Path.Combine(environment.HomeDirectory, ".ssh", "config");

    // Quoted because of spaces; glob characters would be expanded.
    private string IncludeLine => $"Include \"{string.Concat(ManagedPath.Select(c => c is '*' or '?' or '[' or '\\' ? $"\\{c}" : $"{c}"))}\"";

    /// <summary>Adds or replaces the block of a host, and includes the file.</summary>
    public void Install(string alias, string block)
    {
        var blocks = Blocks();
        blocks[alias] = block;
        Write(blocks);
        var user = PrivateFile.TryRead(UserPath) ?? "";
        if (!Lines(user).Contains(IncludeLine))
        {
            // At the top: below a Host line it would count for that host only.
            ReplaceUsers(user.Length > 0 ? $"{IncludeLine}\n\n{user}" : $"{IncludeLine}\n");
        }
    }

    /// <summary>Removes the block of a host, or all of them; with the last one the include goes, too.</summary>
    /// <returns>False if there was nothing to remove.</returns>
    public bool Uninstall(string? alias)
    {
        var blocks = Blocks();
        var removed = alias is null ? blocks.Count > 0 : blocks.Remove(alias);
        if (alias is not null && blocks.Count > 0)
        {
            Write(blocks);
            return removed;
        }

        var user = PrivateFile.TryRead(UserPath);
        if (user is not null && Lines(user).Contains(IncludeLine))
        {
            ReplaceUsers(Without(user));
            removed = true;
        }

        File.Delete(ManagedPath);
        return removed;
    }

    private Dictionary<string, string> Blocks()
    {
        var blocks = new Dictionary<string, string>(StringComparer.Ordinal);
        string? alias = null;
        foreach (var line in Lines(PrivateFile.TryRead(ManagedPath) ?? ""))
        {
            if (line.StartsWith(HostKeyword, StringComparison.Ordinal))
            {
                alias = line[HostKeyword.Length..];
                blocks[alias] = "";
            }

            if (alias is not null && line.Length > 0)
            {
                blocks[alias] += line + "\n";
            }
        }

        return blocks;
    }

    private void Write(Dictionary<string, string> blocks) => PrivateFile.Replace(
        ManagedPath, string.Join('\n', blocks.OrderBy(pair => pair.Key, StringComparer.Ordinal).Select(pair => pair.Value).Prepend(Header)));

    // The line and the empty one behind it, which came with it.
    private string Without(string user)
    {
        var start = user.StartsWith(IncludeLine, StringComparison.Ordinal) ? 0 : user.IndexOf("\n" + IncludeLine, StringComparison.Ordinal) + 1;
        var end = Math.Min(user.Length, start + IncludeLine.Length + 1);
        if (start == 0 && end < user.Length && user[end] == '\n')
        {
            end++;
        }

        return user.Remove(start, end - start);
    }

    // A link, as to a file of a dotfiles repository, stays a link; an existing file keeps its mode.
    private void ReplaceUsers(string content)
    {
        var path = File.Exists(UserPath) ? new FileInfo(UserPath).ResolveLinkTarget(returnFinalTarget: true)?.FullName ?? UserPath : UserPath;
        PrivateFile.Replace(path, content, File.Exists(path) ? File.GetUnixFileMode(path) : DurableFile.OwnerOnly);
    }

    private static string[] Lines(string text) => text.Split('\n');
}
