using OpenShell.Protocol.Relay;
using OpenShell.Supervisor.Exec;

namespace OpenShell.Supervisor.Relays;

/// <summary>A process, which the first frame of the relay describes.</summary>
internal sealed class ExecTarget(ExecRelay exec) : IRelayTarget
{
    public Task RunAsync(RelayConnection relay, CancellationToken closed) => exec.RunAsync(relay, closed);

    public void Dispose()
    {
        // Nothing is held before the relay runs.
    }
}
