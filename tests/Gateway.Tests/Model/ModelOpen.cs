using OpenShell.Gateway.Relays;
using OpenShell.Protocol.Outcomes;
using OpenShell.Protocol.Relay;

namespace OpenShell.Gateway.Model;

/// <summary>One call of OpenAsync and what is seen of it.</summary>
internal sealed class ModelOpen(string sandboxId, string name) : IDisposable
{
    public string SandboxId => sandboxId;

    /// <summary>Passed as the service id, by which the relay is found again.</summary>
    public string Name => name;

    /// <summary>The interleaver's number of the flow that makes the call.</summary>
    public int Actor { get; set; }

    public CancellationTokenSource Caller { get; } = new();

    /// <summary>The call; something that never ends while its first part still runs.</summary>
    public Task<Outcome<RelayConnection>> Task { get; set; } = new TaskCompletionSource<Outcome<RelayConnection>>().Task;

    /// <summary>Its slot, once it was seen; kept when the slot has gone.</summary>
    public PendingRelay? Pending { get; set; }

    /// <summary>What it waits with: for a session or for a claim.</summary>
    public ModelTime.ModelTimer? Timer { get; set; }

    public bool WaitsForSession => Timer is { IsSet: true } && Timer.DueTime == ModelGateway.SessionWait;

    public bool WaitsForClaim => Timer is { IsSet: true } && Timer.DueTime != ModelGateway.SessionWait;

    /// <summary>A session that it waits for has come, or never will: it is on its way to hear.</summary>
    public bool Woken { get; set; }

    public bool GaveUp { get; set; }

    public void Dispose() => Caller.Dispose();
}
