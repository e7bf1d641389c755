using System.Diagnostics.CodeAnalysis;

namespace OpenShell.Gateway.Configuration;

/// <summary>
/// The value of <c>--db-url</c>: <c>sqlite:PATH</c> or <c>sqlite::memory:</c>. OpenShell's <c>?mode=rwc</c> (read, write,
/// create) is what happens anyway; other parameters would be promises that are not kept.
/// </summary>
/// <param name="Path">The file; null is a database in memory.</param>
internal sealed record DatabaseUrl(string? Path)
{
    private const string Scheme = "sqlite:";
    private const string ReadWriteCreate = "?mode=rwc";

    public static bool TryParse(string text, [NotNullWhen(true)] out DatabaseUrl? url)
    {
        var path = text.StartsWith(Scheme, StringComparison.Ordinal) ? text[Scheme.Length..] : "";
        if (path.StartsWith("//", StringComparison.Ordinal))
        {
            path = path[2..];
        }

        path = path.EndsWith(ReadWriteCreate, StringComparison.Ordinal) ? path[..^ReadWriteCreate.Length] : path;
        url = path switch
        {
            "" => null,
            _ when path.Contains('?', StringComparison.Ordinal) => null,
            ":memory:" => new DatabaseUrl((string?)null),
            _ => new DatabaseUrl(System.IO.Path.GetFullPath(path)),
        };
        return url is not null;
    }
}
