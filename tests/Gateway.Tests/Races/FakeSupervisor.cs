using Grpc.Core;
using OpenShell.Gateway.Auth;
using OpenShell.Gateway.Fakes;
using OpenShell.Gateway.Services;
using OpenShell.Protocol.V1;
using OpenShell.TestKit;

namespace OpenShell.Gateway.Races;

/// <summary>A supervisor's call of ConnectSupervisor, served by the real code.</summary>
internal sealed class FakeSupervisor
{
    private FakeSupervisor(FakeStreams<SupervisorMessage, GatewayMessage> streams, Task call) => (Streams, Call) = (streams, call);

    public FakeStreams<SupervisorMessage, GatewayMessage> Streams { get; }

    /// <summary>The call as the gateway serves it.</summary>
    public Task Call { get; }

    /// <summary>Says hello, with a token of <paramref name="tokenOf"/> if that is another one's.</summary>
    public static FakeSupervisor Dial(
        SupervisorApi api, string sandboxId, int epoch = 1, string instance = "boot-1", string? tokenOf = null, string hostKey = "", params string[] features)
    {
        var streams = new FakeStreams<SupervisorMessage, GatewayMessage>();
        streams.Say(new SupervisorMessage
        {
            Hello = new SupervisorHello
            {
                SandboxId = sandboxId,
                InstanceId = instance,
                Version = "1",
                SshHostKeyFingerprint = hostKey,
                Features = { features },
            },
        });
        var call = new FakeServerCall(new SandboxPrincipal(tokenOf ?? sandboxId, epoch, DateTimeOffset.MaxValue));
        return new FakeSupervisor(streams, api.ConnectAsync(streams, streams, call));
    }

    public async Task AcceptedAsync()
    {
        var answer = await Streams.NextAsync("the answer to a hello");
        Assert.That(answer.PayloadCase, Is.EqualTo(GatewayMessage.PayloadOneofCase.SessionAccepted), answer.ToString());
    }

    public async Task<string> RejectedAsync()
    {
        var answer = await Streams.NextAsync("the answer to a hello");
        Assert.That(answer.PayloadCase, Is.EqualTo(GatewayMessage.PayloadOneofCase.SessionRejected), answer.ToString());
        await EndsAsync();
        return answer.SessionRejected.Reason;
    }

    /// <summary>The call's end: null, or the status that it was refused with.</summary>
    public async Task<Status?> EndsAsync()
    {
        try
        {
            await Eventually.EndsAsync(Call, "the supervisor's call");
            return null;
        }
        catch (RpcException e)
        {
            return e.Status;
        }
    }
}
