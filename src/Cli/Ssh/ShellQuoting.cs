using OpenShell.Cli.Context;

namespace OpenShell.Cli.Ssh;

/// <summary>
/// Words in a ProxyCommand: ssh replaces <c>%</c> tokens in it and gives it to the user's own shell, and its configuration
/// wants quotes to be paired. Single quotes mean the same to sh, bash, zsh, fish and csh.
/// </summary>
internal static class ShellQuoting
{
    public static string Join(IEnumerable<string> words) => string.Join(' ', words.Select(Quote));

    /// <exception cref="CliException">It has a line break, which no configuration file can hold.</exception>
    public static string Quote(string word)
    {
        if (word.AsSpan().ContainsAny("\n\r\0"))
        {
            throw new CliException(CliError.Usage($"'{word}' has a line break and cannot be in a command for ssh"));
        }

        var text = word.Replace("%", "%%", StringComparison.Ordinal);
        return text.Length > 0 && text.All(IsPlain) ? text : $"'{text.Replace("'", "'\\''", StringComparison.Ordinal)}'";
    }

    /// <summary>A path as the value of an option that takes file names.</summary>
    public static string Path(string path)
    {
        if (path.AsSpan().ContainsAny("\n\r\0\""))
        {
            throw new CliException(
                CliError.Usage($"'{path}' cannot be a file name in a configuration of ssh; set XDG_STATE_HOME to another directory"));
        }

        return $"\"{path.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("%", "%%", StringComparison.Ordinal)}\"";
    }

    private static bool IsPlain(char c) => char.IsAsciiLetterOrDigit(c) || c is '_' or '-' or '.' or '/' or ':' or ',' or '=' or '@' or '+' or '%';
}
