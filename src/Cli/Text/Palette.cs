namespace OpenShell.Cli.Text;

/// <summary>Colours of one output stream, or none.</summary>
internal sealed class Palette(bool enabled)
{
    private const string Reset = "\e[0m";
    private const string BoldStart = "\e[1m";
    private const string DimStart = "\e[2m";
    private const string BadStart = "\e[31m";
    private const string GoodStart = "\e[32m";
    private const string WarnStart = "\e[33m";

    private static readonly string[] Sequences = [Reset, BoldStart, DimStart, BadStart, GoodStart, WarnStart];

    public string Bold(string text) => Wrap(BoldStart, text);

    public string Good(string text) => Wrap(GoodStart, text);

    public string Bad(string text) => Wrap(BadStart, text);

    public string Warn(string text) => Wrap(WarnStart, text);

    public string Dim(string text) => Wrap(DimStart, text);

    /// <summary>Length of the sequence of ours that a text begins with; 0 if it begins with none.</summary>
    public static int SequenceLength(ReadOnlySpan<char> text)
    {
        if (text is not ['\e', ..])
        {
            return 0;
        }

        foreach (var sequence in Sequences)
        {
            if (text.StartsWith(sequence, StringComparison.Ordinal))
            {
                return sequence.Length;
            }
        }

        return 0;
    }

    private string Wrap(string start, string text) => enabled ? start + text + Reset : text;
}
