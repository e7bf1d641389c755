using System.Text;

namespace OpenShell.Cli.Output;

/// <summary>Text that came from a gateway or a guest, made harmless for a terminal and kept on one line.</summary>
internal static class SafeText
{
    public static string OneLine(string text)
    {
        if (!text.AsSpan().ContainsAnyInRange('\0', '\x1f') && !text.AsSpan().ContainsAnyInRange('\x7f', '\x9f'))
        {
            return text;
        }

        StringBuilder line = new(text.Length);
        foreach (char c in text)
        {
            line.Append(char.IsControl(c) ? ' ' : c);
        }

        return line.ToString().Trim();
    }
}
