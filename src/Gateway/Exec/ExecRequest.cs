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

    /// <summary>The caller wants no environment of a login shell, rather than not to care: the supervisor must know the difference.</summary>
    public bool WithoutLoginShell { get; init; }

    /// <summary>Its time is over before it begins: nothing is started.</summary>
    public bool IsOverAtOnce { get; init; }

    public static ExecRequest Of(ExecStart start) => new() { Start = start };

    public static ExecRequest Of(ExecAttach attach) => new() { Attach = attach };
}
