using System.Text;

namespace OpenShell.Protocol.Untrusted;

/// <summary>
/// Takes the escape sequences (ECMA-48) out of what was written for a terminal: colours and cursor movements mean nothing
/// in a log. What is left still has to go through <see cref="HarmlessText"/>.
/// </summary>
public static class EscapeSequences
{
    private const char Escape = '\e';
    private const char Bell = '\a';

    /// <summary>The text without them; one that has no end goes to the end of the text.</summary>
    public static string Remove(string text)
    {
        var start = text.IndexOf(Escape, StringComparison.Ordinal);
        if (start < 0)
        {
            return text;
        }

        var left = new StringBuilder(text.Length);
        var rest = text.AsSpan();
        while ((start = rest.IndexOf(Escape)) >= 0)
        {
            left.Append(rest[..start]);
            rest = rest[(start + Length(rest[start..]))..];
        }

        return left.Append(rest).ToString();
    }

    // Of the sequence that the text begins with.
    private static int Length(ReadOnlySpan<char> text) => text.Length < 2
        ? text.Length
        : text[1] switch
        {
            // A control sequence ends with the first character from @ to ~.
            '[' => Through(text, text[2..].IndexOfAnyInRange('@', '~')),
            // Strings: a title, a link. They end with BEL or ESC \.
            ']' or 'P' or 'X' or '^' or '_' => StringLength(text),
            // A character set is named by one more.
            >= ' ' and <= '/' => Math.Min(3, text.Length),
            _ => 2,
        };

    private static int StringLength(ReadOnlySpan<char> text)
    {
        var end = text[2..].IndexOfAny(Bell, Escape);
        return end < 0 || text[2 + end] == Bell ? Through(text, end) : Math.Min(text.Length, end + 4);
    }

    private static int Through(ReadOnlySpan<char> text, int endAfterIntroducer) =>
        endAfterIntroducer < 0 ? text.Length : endAfterIntroducer + 3;
}
