using System.Text;

namespace OpenShell.TestKit;

/// <summary>How a run of the command line ended.</summary>
public sealed record CliOutcome(int ExitCode, byte[] Out, string Error)
{
    /// <summary>stdout as text.</summary>
    public string Text => Encoding.UTF8.GetString(Out);
}
