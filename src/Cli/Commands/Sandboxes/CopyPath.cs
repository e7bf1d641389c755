using OpenShell.Cli.Context;

namespace OpenShell.Cli.Commands.Sandboxes;

/// <summary>A path of <c>cp</c>.</summary>
/// <param name="Sandbox">Null: it is here.</param>
/// <param name="Path">In a sandbox it may be empty, which is the home directory.</param>
internal sealed record CopyPath(string? Sandbox, string Path)
{
    /// <summary>Reads <c>NAME:PATH</c> or a path. A path with a colon is one if it begins with / or a dot, as with docker.</summary>
    /// <exception cref="CliException">It is a tar stream.</exception>
    public static CopyPath Parse(string text)
    {
        var colon = text.IndexOf(':', StringComparison.Ordinal);
        return text == "-" ? throw new CliException(CliError.Usage("'-' is no path: streams of tar are not copied; use openshell exec NAME tar …"))
            : colon <= 0 || text[0] is '/' or '.' || text.AsSpan(0, colon).Contains('/') ? new CopyPath(null, text)
            : new CopyPath(text[..colon], text[(colon + 1)..]);
    }

    /// <summary>Whether what is in a directory is meant: <c>.</c>, <c>..</c> and <c>DIR/.</c></summary>
    public static bool IsContents(string path) => path is "/" or "." or ".." or "./" or "../" || path.EndsWith("/.", StringComparison.Ordinal)
        || path.EndsWith("/..", StringComparison.Ordinal);
}
