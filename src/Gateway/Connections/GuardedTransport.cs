using System.IO.Pipelines;

namespace OpenShell.Gateway.Connections;

/// <summary>A connection's two directions, of which one is looked at.</summary>
internal sealed class GuardedTransport(IDuplexPipe inner, PipeReader input) : IDuplexPipe
{
    public PipeReader Input => input;

    public PipeWriter Output => inner.Output;
}
