using System.Text;

namespace OpenShell.TestKit;

/// <summary>How a client of SSH ended.</summary>
/// <param name="ExitCode">Its code: the command's, or 255.</param>
/// <param name="Output">What it wrote to its output.</param>
/// <param name="Error">And what to its standard error.</param>
public sealed record SshOutcome(int ExitCode, byte[] Output, string Error)
{
    /// <summary>Its output as text.</summary>
    public string Text => Encoding.UTF8.GetString(Output);
}
