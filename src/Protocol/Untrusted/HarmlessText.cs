using System.Globalization;
using System.Text;

namespace OpenShell.Protocol.Untrusted;

/// <summary>
/// Untrusted text (from a guest, a caller, a peer), made fit for a log, a message or a terminal: what acts on
/// a terminal, turns the direction of text, or cannot be seen is shown as an escape of printable characters
/// (<c>\x1b</c>, <c>\u202e</c>, <c>\U000e0041</c>), and what is too long is cut, with a mark.
/// It is linear in the bound, not in the text, allocates nothing where there is nothing to do, and applied again changes
/// nothing. U+200C, U+200D and the variation selectors stay: some scripts and many pictures need them.
/// </summary>
public static class HarmlessText
{
    /// <summary>UTF-16 units of a text whose place has no bound of its own; the longest message that we make has less.</summary>
    public const int DefaultBound = 8 * 1024;

    private const string CutMark = "… (cut)";

    // The longest escape: \U and eight digits.
    private const int LongestEscape = 10;

    /// <summary>One line: line breaks and tabs become blanks.</summary>
    /// <param name="text">What may be anything, half a surrogate pair included.</param>
    /// <param name="maxLength">Most UTF-16 units of the result; at least 16, so that the mark fits.</param>
    public static string Line(string text, int maxLength = DefaultBound) => Make(text, maxLength, keepBreaks: false);

    /// <summary>Text of several lines: line feeds and tabs stay.</summary>
    /// <param name="text">What may be anything, half a surrogate pair included.</param>
    /// <param name="maxLength">Most UTF-16 units of the result; at least 16, so that the mark fits.</param>
    public static string Lines(string text, int maxLength = DefaultBound) => Make(text, maxLength, keepBreaks: true);

    /// <summary>
    /// Whether a code point acts on a terminal, turns the direction of text, or takes part in a text without being seen.
    /// Line breaks and tabs are among them.
    /// </summary>
    public static bool IsHarmful(int codePoint) => codePoint switch
    {
        < 0x20 => true,
        < 0x7f => false,
        // DEL and the C1 controls: 0x9b is a control sequence's beginning in one character.
        <= 0x9f => true,
        // Soft hyphen, grapheme joiner, Arabic letter mark.
        0xad or 0x34f or 0x61c => true,
        // Letters that have no shape.
        0x115f or 0x1160 or 0x17b4 or 0x17b5 or 0x3164 or 0xffa0 => true,
        >= 0x180b and <= 0x180f => true,
        // Zero width space; direction marks.
        0x200b or 0x200e or 0x200f => true,
        // Line and paragraph separator, embeddings and overrides.
        >= 0x2028 and <= 0x202e => true,
        // Word joiner, invisible operators, isolates, deprecated formats.
        >= 0x2060 and <= 0x206f => true,
        // Halves of surrogate pairs.
        >= 0xd800 and <= 0xdfff => true,
        0xfeff => true,
        >= 0xfff0 and <= 0xfffb => true,
        >= 0x1bca0 and <= 0x1bca3 => true,
        >= 0x1d173 and <= 0x1d17a => true,
        // Tags, which spell out invisible text, and the variation selectors that do the same.
        >= 0xe0000 and <= 0xe0fff => true,
        _ => (codePoint & 0xfffe) == 0xfffe,
    };

    /// <summary>The code point at an index, half a surrogate pair as itself.</summary>
    public static int CodePointAt(ReadOnlySpan<char> text, int index) =>
        index + 1 < text.Length && char.IsSurrogatePair(text[index], text[index + 1])
            ? char.ConvertToUtf32(text[index], text[index + 1])
            : text[index];

    /// <summary>Adds a code point to a text that is being made, as itself or as its escape.</summary>
    /// <param name="codePoint">As <see cref="CodePointAt"/> gives it.</param>
    /// <param name="keepBreaks">Line feeds and tabs stay; otherwise they become blanks.</param>
    public static void AppendTo(StringBuilder made, int codePoint, bool keepBreaks)
    {
        if (!IsHarmful(codePoint))
        {
            if (codePoint <= char.MaxValue)
            {
                made.Append((char)codePoint);
            }
            else
            {
                made.Append(char.ConvertFromUtf32(codePoint));
            }
        }
        else if (codePoint is '\n' or '\t' or '\r')
        {
            _ = (keepBreaks, codePoint) switch
            {
                (true, '\r') => made.Append(@"\r"),
                (true, _) => made.Append((char)codePoint),
                _ => made.Append(' '),
            };
        }
        else
        {
            _ = codePoint switch
            {
                <= 0xff => made.Append(CultureInfo.InvariantCulture, $"\\x{codePoint:x2}"),
                <= char.MaxValue => made.Append(CultureInfo.InvariantCulture, $"\\u{codePoint:x4}"),
                _ => made.Append(CultureInfo.InvariantCulture, $"\\U{codePoint:x8}"),
            };
        }
    }

    private static string Make(string text, int maxLength, bool keepBreaks)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(maxLength, 16);
        var first = FirstHarmful(text.AsSpan(0, Math.Min(text.Length, maxLength)), keepBreaks);
        if (first < 0)
        {
            if (text.Length <= maxLength)
            {
                return text;
            }

            first = 0;
        }

        // A bound of the result bounds the work: no character makes it shorter.
        var made = new StringBuilder(Math.Min(text.Length + LongestEscape, maxLength));
        // Where the mark goes if the rest turns out not to fit: the last end of a whole character before it.
        var fitting = 0;
        for (var i = 0; i < text.Length;)
        {
            var codePoint = CodePointAt(text, i);
            AppendTo(made, codePoint, keepBreaks);
            if (made.Length > maxLength)
            {
                made.Length = fitting;
                return made.Append(CutMark).ToString();
            }

            fitting = made.Length <= maxLength - CutMark.Length ? made.Length : fitting;
            i += codePoint > char.MaxValue ? 2 : 1;
        }

        return made.ToString();
    }

    private static int FirstHarmful(ReadOnlySpan<char> text, bool keepBreaks)
    {
        for (var i = text.IndexOfAnyExceptInRange(' ', '~'); i >= 0 && i < text.Length;)
        {
            var codePoint = CodePointAt(text, i);
            if (IsHarmful(codePoint) && !(keepBreaks && codePoint is '\n' or '\t'))
            {
                return i;
            }

            i += codePoint > char.MaxValue ? 2 : 1;
        }

        return -1;
    }
}
