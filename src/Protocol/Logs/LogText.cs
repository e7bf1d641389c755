namespace OpenShell.Protocol.Logs;

/// <summary>Text of log lines within a bound.</summary>
public static class LogText
{
    private const string CutMark = "… (cut)";

    /// <summary>The text, or its beginning with a mark that says that something is missing.</summary>
    /// <param name="text">What may be too long.</param>
    /// <param name="maxLength">Most UTF-16 units of the result; more than the mark has.</param>
    public static string Cut(string text, int maxLength)
    {
        if (text.Length <= maxLength)
        {
            return text;
        }

        var length = maxLength - CutMark.Length;
        // Half a surrogate pair cannot be written as UTF-8.
        length -= char.IsHighSurrogate(text[length - 1]) ? 1 : 0;
        return string.Concat(text.AsSpan(0, length), CutMark);
    }
}
