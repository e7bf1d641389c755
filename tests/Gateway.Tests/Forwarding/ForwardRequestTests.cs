using System.Buffers;
using Google.Protobuf;
using OpenShell.Gateway.Sessions;
using OpenShell.Protocol.Outcomes;
using OpenShell.Protocol.Relay;
using OpenShell.Protocol.V1;

namespace OpenShell.Gateway.Forwarding;

public sealed class ForwardRequestTests
{
    [Test]
    public void From_Tcp_IsTakenApart()
    {
        var init = Init();
        init.Tcp.Host = " localhost ";
        Assert.That(
            Succeed(From(init)),
            Is.EqualTo(new ForwardRequest("default", "sandbox-1", new TcpTarget("localhost", 80), "service", "token")));
    }

    [Test]
    public void From_Ssh_IsTheSshServer()
    {
        var init = Init();
        init.Ssh = new SshRelayTarget();
        Assert.That(Succeed(From(init)).Target, Is.EqualTo(new SshTarget()));
    }

    [Test]
    public void From_WrongFirstFrames_SayWhatIsMissing()
    {
        Assert.Multiple(() =>
        {
            Refused(ForwardRequest.From(new RelayRead(RelayReadKind.Completed, default, null, false)), "empty ForwardTcp stream");
            Refused(ForwardRequest.From(new RelayRead(RelayReadKind.Data, default, null, false)), "first TcpForwardFrame must be init");
            Refused(ForwardRequest.From(new RelayRead(RelayReadKind.EndOfStream, default, null, false)), "first TcpForwardFrame must be init");
            Refused(From(new TcpForwardInit { Workspace = "default" }), "sandbox is required");
            Refused(From(new TcpForwardInit { Sandbox = "a" }), "workspace is required");
            Refused(From(new TcpForwardInit { Workspace = "default", Sandbox = "a" }), "tcp forward target is required");
            Refused(From(new TcpForwardInit { Workspace = "default", Sandbox = "a", Tcp = new TcpRelayTarget { Host = "127.0.0.1" } }), "tcp target port must be between 1 and 65535");
            Refused(From(new TcpForwardInit { Workspace = "default", Sandbox = "a", Tcp = new TcpRelayTarget { Port = 1 } }), "tcp target host is required");
            Refused(From(new TcpForwardInit { Workspace = "default", Sandbox = "a", Tcp = new TcpRelayTarget { Host = "10.0.0.1", Port = 1 } }), "tcp target host must be loopback");
        });
    }

    private static TcpForwardInit Init() => new()
    {
        Workspace = "default",
        Sandbox = "sandbox-1",
        ServiceId = "service",
        AuthorizationToken = "token",
        Tcp = new TcpRelayTarget { Host = "127.0.0.1", Port = 80 },
    };

    private static Outcome<ForwardRequest> From(TcpForwardInit init)
    {
        var message = new TcpForwardFrame { Init = init }.ToByteArray();
        return ForwardRequest.From(new RelayRead(RelayReadKind.Init, new ReadOnlySequence<byte>(message), init.Sandbox, false));
    }

    private static ForwardRequest Succeed(Outcome<ForwardRequest> outcome) =>
        outcome.Succeeded(out var request, out var failure) ? request : throw new AssertionException(failure.Message);

    private static void Refused(Outcome<ForwardRequest> outcome, string message)
    {
        outcome.Succeeded(out _, out var failure);
        Assert.That(failure, Is.EqualTo(new Failure(FailureKind.InvalidArgument, message)));
    }
}
