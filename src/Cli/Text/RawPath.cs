using System.Text;

namespace OpenShell.Cli.Text;

/// <summary>
/// Names of files as Linux has them, any bytes but NUL and slash, kept in strings with one character for each byte
/// (Latin-1): what is not UTF-8 goes through unchanged, and strings are what everything can work with.
/// </summary>
internal static class RawPath
{
    /// <summary>A path that came as text, from a command line.</summary>
    public static string FromText(string text) => FromBytes(Encoding.UTF8.GetBytes(text));

    public static string FromBytes(ReadOnlySpan<byte> bytes) => Encoding.Latin1.GetString(bytes);

    public static byte[] ToBytes(string raw) => Encoding.Latin1.GetBytes(raw);

    /// <summary>With the NUL at the end that system calls want.</summary>
    public static byte[] ToNative(string raw) => Encoding.Latin1.GetBytes(raw + '\0');

    /// <summary>For people: on one line, with marks for what is no text.</summary>
    public static string Show(string raw) => SafeText.OneLine(Encoding.UTF8.GetString(ToBytes(raw)));

    /// <summary>Joins two parts; the first may be empty.</summary>
    public static string Join(string directory, string name) => directory.Length == 0 ? name : name.Length == 0 ? directory : $"{directory}/{name}";

    /// <summary>The last part, and what is before it, which is empty where there is nothing.</summary>
    public static (string Directory, string Name) Split(string path) =>
        path.LastIndexOf('/') is var slash and >= 0 ? (slash == 0 ? "/" : path[..slash], path[(slash + 1)..]) : ("", path);

    /// <summary>
    /// A path of an archive or a list as parts below a directory: without "." and empty ones.
    /// </summary>
    /// <returns>Null when it is absolute or has a "..": it could lead out.</returns>
    public static string[]? PartsBelow(string path)
    {
        var parts = path.Split('/', StringSplitOptions.RemoveEmptyEntries);
        return path.StartsWith('/') || parts.Contains("..") || path.Contains('\0') ? null : [.. parts.Where(part => part != ".")];
    }
}
