using OpenShell.Cli.Text;

namespace OpenShell.Cli.Output;

/// <summary>"Label: value" lines; those without a value are left out.</summary>
internal sealed class DetailRows(TextWriter output, Palette palette)
{
    public void Add(string label, string? value)
    {
        if (!string.IsNullOrEmpty(value))
        {
            Styled(label, SafeText.OneLine(value));
        }
    }

    /// <param name="value">Harmless, maybe with colours of ours.</param>
    public void Styled(string label, string value) => output.WriteLine($"{palette.Bold(label + ":")} {value}");
}
