using OpenShell.Protocol.Untrusted;

namespace OpenShell.Cli.Text;

/// <summary>Text that came from a gateway or a guest, made harmless for a terminal and kept on one line.</summary>
internal static class SafeText
{
    // A log line with all its fields, escaped.
    private const int Longest = 128 * 1024;

    public static string OneLine(string text) => HarmlessText.Line(text, Longest).Trim();
}
