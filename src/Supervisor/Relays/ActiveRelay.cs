namespace OpenShell.Supervisor.Relays;

/// <summary>One relay that was asked for. <see cref="ActiveRelays"/> owns it.</summary>
internal sealed class ActiveRelay(string channelId)
{
    public string ChannelId { get; } = channelId;

    /// <summary>Cancelled to end the relay.</summary>
    public CancellationTokenSource Closed { get; } = new();

    /// <summary>Its run. Never faults.</summary>
    public Task Completion { get; set; } = Task.CompletedTask;
}
