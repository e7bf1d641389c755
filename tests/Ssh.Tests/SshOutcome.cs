using System.Text;

namespace OpenShell.Ssh.Tests;

/// <summary>How a client ended.</summary>
internal sealed record SshOutcome(int ExitCode, byte[] Output, string Error)
{
    public string Text => Encoding.UTF8.GetString(Output);
}
