using OpenShell.Protocol.Extensions.V1;

namespace OpenShell.Gateway.Exec;

/// <summary>How an exec relay begins: with a process to start, or with the wish to be a client of the main process.</summary>
internal sealed record ExecRequest
{
    private ExecRequest()
    {
    }

    /// <summary>The process; null when this attaches.</summary>
    public ExecStart? Start { get; private init; }

    /// <summary>The kind of client; null when this starts something.</summary>
    public ExecAttach? Attach { get; private init; }

    /// <summary>Nothing is started; what runs outlives this client.</summary>
    public bool Attaches => Attach is not null;

    public static ExecRequest Of(ExecStart start) => new() { Start = start };

    public static ExecRequest Of(ExecAttach attach) => new() { Attach = attach };
}
