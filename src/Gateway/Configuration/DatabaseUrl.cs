using System.Diagnostics.CodeAnalysis;

namespace OpenShell.Gateway.Configuration;

/// <summary>The value of <c>--db-url</c>: <c>sqlite:PATH</c> or <c>sqlite::memory:</c>.</summary>
/// <param name="Path">The file; null is a database in memory.</param>
internal sealed record DatabaseUrl(string? Path)
{
    private const string Scheme = "sqlite:";

    public static bool TryParse(string text, [NotNullWhen(true)] out DatabaseUrl? url)
    {
        var path = text.StartsWith(Scheme, StringComparison.Ordinal) ? text[Scheme.Length..] : "";
        if (path.StartsWith("//", StringComparison.Ordinal))
        {
            path = path[2..];
        }

        url = path switch
        {
            "" => null,
            ":memory:" => new DatabaseUrl((string?)null),
            _ => new DatabaseUrl(System.IO.Path.GetFullPath(path)),
        };
        return url is not null;
    }
}
