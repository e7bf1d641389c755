using System.Text;
using OpenShell.Protocol.Extensions.V1;

namespace OpenShell.Supervisor.Tests.Fakes;

/// <summary>All that came of a process.</summary>
internal sealed record ExecOutcome(int Pid, ExecExit Exit, byte[] OutputBytes, byte[] ErrorBytes)
{
    public string Output => Encoding.UTF8.GetString(OutputBytes);

    public string Error => Encoding.UTF8.GetString(ErrorBytes);
}
