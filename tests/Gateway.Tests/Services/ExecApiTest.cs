using System.IO.Pipelines;
using System.Text;
using Grpc.Core;
using OpenShell.Gateway.Exec;
using OpenShell.Gateway.Fakes;
using OpenShell.Gateway.Races;
using OpenShell.Gateway.Relays;
using OpenShell.Protocol.Exec;
using OpenShell.Protocol.Extensions.V1;
using OpenShell.Protocol.Relay;
using OpenShell.Protocol.V1;
using OpenShell.TestKit;

namespace OpenShell.Gateway.Services;

/// <summary>Calls of ExecSandbox and ExecSandboxInteractive whose supervisor is the test's.</summary>
internal abstract class ExecApiTest : RaceTest
{
    /// <summary>What the caller says and is told.</summary>
    protected FakeStreams<ExecSandboxInput, ExecSandboxEvent> Streams { get; } = new();

    /// <summary>What the supervisor was told to start.</summary>
    protected ExecStart Started { get; private set; } = new();

    /// <summary>What was done to the gateway's end of the relay.</summary>
    protected RecordingTransport Relay { get; private set; } = new();

    protected static ExecSandboxRequest Request(params string[] command) =>
        new() { WorkspaceScope = Scope.Default, Sandbox = "a", Command = { command } };

    protected ExecApi Api() => new(Gateway.Directory, new ExecLauncher(Gateway.Sandboxes, Gateway.Broker, new RelayTurns(Gateway.Options, Gateway.Time)));

    protected Task<(Task Call, ExecChannel Channel, RelayConnection Far, PipeWriter ToNear)> StartAsync(
        ExecSandboxRequest request, CancellationToken cancellationToken = default) => ServeAsync(() => Api().ExecAsync(request, Streams, cancellationToken));

    // Plays the supervisor up to the start frame.
    protected async Task<(Task Call, ExecChannel Channel, RelayConnection Far, PipeWriter ToNear)> ServeAsync(Func<Task> begin)
    {
        await Gateway.AddSandboxAsync();
        var supervisor = await Gateway.ConnectAsync(features: [.. RelayFeatures.All]);
        var call = begin();
        var open = (await supervisor.Streams.NextAsync("RelayOpen")).RelayOpen;
        var claim = Gateway.Relays.Claim(open.ChannelId, "a");
        var (near, far, toNear) = RecordingTransport.ConnectBoth(out var transport);
        Relay = transport;
        Assert.That(claim.Pending!.TrySucceed(near), Is.True);
        var channel = new ExecChannel(far);
        var start = await Eventually.EndsAsync(channel.ReadAsync(CancellationToken.None).AsTask(), "the start frame");
        Assert.That(start.Type, Is.EqualTo(ExecFrameType.Start));
        Started = ExecStart.Parser.ParseFrom(start.Data);
        return (call, channel, far, toNear);
    }

    protected static async Task<(ExecFrameType Type, string Text)> ReadAsync(ExecChannel channel)
    {
        var part = await Eventually.EndsAsync(channel.ReadAsync(CancellationToken.None).AsTask(), "a frame");
        return (part.Type, Encoding.UTF8.GetString(part.Data));
    }

    protected static async Task ExitAsync(ExecChannel channel, RelayConnection far, ExecExit exit)
    {
        await channel.WriteAsync(ExecFrameType.Exit, exit, CancellationToken.None);
        await far.CompleteWritesAsync(CancellationToken.None);
    }

    protected Task<ExecSandboxEvent> NextAsync() => Streams.NextAsync("an event");

    protected static async Task<Status> RefusalAsync(Task call)
    {
        try
        {
            await Eventually.EndsAsync(call, "the call");
        }
        catch (RpcException e)
        {
            return e.Status;
        }

        throw new AssertionException("the call was not refused");
    }
}
