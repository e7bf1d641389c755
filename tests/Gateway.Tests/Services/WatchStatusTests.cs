using System.Collections.Immutable;
using Grpc.Core;
using OpenShell.Gateway.Fakes;
using OpenShell.Gateway.Races;
using OpenShell.Gateway.Watch;
using OpenShell.Protocol.V1;
using OpenShell.TestKit;
using Phase = OpenShell.Gateway.Sandboxes.SandboxPhase;

namespace OpenShell.Gateway.Services;

/// <summary>WatchSandbox: states and platform events. Its logs are in <see cref="WatchApiTests"/>.</summary>
internal sealed class WatchStatusTests : RaceTest
{
    private readonly FakeStreams<WatchSandboxRequest, SandboxStreamEvent> _stream = new();

    [TestCase("", StatusCode.InvalidArgument, "sandbox is required")]
    [TestCase("b", StatusCode.NotFound, "sandbox not found")]
    public async Task Watch_NoSuchSandbox_IsRefused(string id, StatusCode code, string message)
    {
        var e = await Assert.ThrowsAsync<RpcException>(() => WatchAsync(new WatchSandboxRequest { WorkspaceScope = Scope.Default, Sandbox = id }));
        Assert.That((e!.StatusCode, e.Status.Detail), Is.EqualTo((code, message)));
    }

    [Test]
    public async Task Watch_FollowStatus_SendsTheStateThenEachChangeUntilTheSandboxIsGone()
    {
        await Gateway.AddSandboxAsync();
        var watching = WatchAsync(new WatchSandboxRequest { WorkspaceScope = Scope.Default, Sandbox = "a", FollowStatus = true });
        Assert.That(await NextPhaseAsync(), Is.EqualTo(Protocol.V1.SandboxPhase.Provisioning));

        await ChangeAsync(Phase.Ready);
        Assert.That(await NextPhaseAsync(), Is.EqualTo(Protocol.V1.SandboxPhase.Ready));
        // An older state that comes late says nothing new.
        Gateway.Events.PublishState(await Gateway.GetAsync() with { ResourceVersion = 1, Phase = Phase.Error });
        await ChangeAsync(Phase.Stopping);
        Assert.That(await NextPhaseAsync(), Is.EqualTo(Protocol.V1.SandboxPhase.Stopping));

        Gateway.Events.PublishRemoved("a");
        await Eventually.EndsAsync(watching, "the watch");
    }

    [TestCase(Phase.Ready)]
    [TestCase(Phase.Error)]
    [TestCase(Phase.Stopped)]
    [TestCase(Phase.Completed)]
    public async Task Watch_StopOnTerminal_EndsWithTheFirstFinalState(Phase phase)
    {
        await Gateway.AddSandboxAsync();
        var watching = WatchAsync(new WatchSandboxRequest { WorkspaceScope = Scope.Default, Sandbox = "a", StopOnTerminal = true });
        await NextPhaseAsync();

        await ChangeAsync(phase);

        await Eventually.EndsAsync(watching, "the watch");
        Assert.That(_stream.Unread, Is.EqualTo(1));
    }

    [Test]
    public async Task Watch_StopOnTerminalAndItIsThereAlready_EndsAfterTheState()
    {
        await Gateway.AddSandboxAsync(phase: Phase.Stopped);

        await Eventually.EndsAsync(WatchAsync(new WatchSandboxRequest { WorkspaceScope = Scope.Default, Sandbox = "a", StopOnTerminal = true }), "the watch");

        Assert.That(_stream.Unread, Is.EqualTo(1));
    }

    [Test]
    public async Task Watch_FollowEvents_SendsTheTailThatWasAskedForAndWhatComes()
    {
        await Gateway.AddSandboxAsync();
        foreach (var reason in new[] { "Scheduled", "Pulling", "Pulled" })
        {
            Happen(reason);
        }

        var watching = WatchAsync(new WatchSandboxRequest { WorkspaceScope = Scope.Default, Sandbox = "a", FollowEvents = true, EventTail = 2 });
        await NextPhaseAsync();
        Assert.That(new[] { await NextReasonAsync(), await NextReasonAsync() }, Is.EqualTo(new[] { "Pulling", "Pulled" }));
        Happen("Started");
        Assert.That(await NextReasonAsync(), Is.EqualTo("Started"));

        // States were not asked for.
        await ChangeAsync(Phase.Ready);
        Gateway.Events.PublishRemoved("a");
        await Eventually.EndsAsync(watching, "the watch");
        Assert.That(_stream.Unread, Is.Zero);
    }

    private Task WatchAsync(WatchSandboxRequest request) =>
        new WatchApi(Gateway.Directory, Gateway.Sandboxes, Gateway.Events, new WatchOptions()).WatchAsync(request, _stream, CancellationToken.None);

    private async Task<Protocol.V1.SandboxPhase> NextPhaseAsync() => (await _stream.NextAsync("a state")).Sandbox.Status.Phase;

    private async Task<string> NextReasonAsync() => (await _stream.NextAsync("a platform event")).Event.Reason;

    private async Task ChangeAsync(Phase phase)
    {
        var (_, written) = await Gateway.Sandboxes.UpdateAsync(await Gateway.GetAsync() with { Phase = phase }, CancellationToken.None);
        Gateway.Events.PublishState(written);
    }

    private void Happen(string reason) => Gateway.Events.PublishPlatform(
        "a", new SandboxPlatformEvent(Gateway.Time.GetUtcNow(), "vm", "Normal", reason, "", ImmutableDictionary<string, string>.Empty));
}
