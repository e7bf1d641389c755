using System.Text;
using OpenShell.Cli.Text;
using OpenShell.Protocol.V1;

namespace OpenShell.Cli.Provisioning;

/// <summary>A platform event as a step for people: its message, else its reason taken apart into words.</summary>
internal static class ProgressText
{
    public static string Of(PlatformEvent platformEvent) =>
        SafeText.OneLine(platformEvent.Message is { Length: > 0 } message ? message : Words(platformEvent.Reason));

    private static string Words(string reason)
    {
        var words = new StringBuilder(reason.Length + 4);
        foreach (var c in reason)
        {
            if (char.IsAsciiLetterUpper(c) && words.Length > 0)
            {
                words.Append(' ').Append(char.ToLowerInvariant(c));
            }
            else
            {
                words.Append(c);
            }
        }

        return words.ToString();
    }
}
