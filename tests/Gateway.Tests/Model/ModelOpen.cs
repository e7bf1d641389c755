using OpenShell.Gateway.Relays;
using OpenShell.Protocol.Relay;

namespace OpenShell.Gateway.Model;

/// <summary>Where an open is.</summary>
internal enum OpenState
{
    Waiting,
    Pending,
    Active,
    Done,
}

/// <summary>What the model knows of one call of OpenAsync.</summary>
internal sealed class ModelOpen(string sandboxId, string name, DateTimeOffset deadline) : IDisposable
{
    public string SandboxId => sandboxId;

    /// <summary>Passed as the service id, by which the relay is found again.</summary>
    public string Name => name;

    public CancellationTokenSource Caller { get; } = new();

    public Task<Outcome<RelayConnection>> Task { get; set; } = null!;

    public OpenState State { get; set; }

    public DateTimeOffset Deadline { get; set; } = deadline;

    public ActiveRelay? Relay { get; set; }

    /// <summary>The expected failure; null for a relay, or for a caller that gave up.</summary>
    public FailureKind? Failure { get; set; }

    public bool GaveUp { get; set; }

    public void Dispose() => Caller.Dispose();
}
