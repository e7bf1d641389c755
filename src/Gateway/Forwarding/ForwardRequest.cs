using Google.Protobuf;
using OpenShell.Gateway.Http;
using OpenShell.Gateway.Sessions;
using OpenShell.Protocol.Outcomes;
using OpenShell.Protocol.Relay;
using OpenShell.Protocol.V1;

namespace OpenShell.Gateway.Forwarding;

/// <summary>What the first frame of a ForwardTcp asks for.</summary>
/// <param name="Sandbox">Name of the sandbox; there need not be one.</param>
/// <param name="ServiceId">What for; in logs only.</param>
/// <param name="Token">The token as it came; may be empty.</param>
internal sealed record ForwardRequest(string Workspace, string Sandbox, RelayTarget Target, string ServiceId, string Token)
{
    /// <summary>Takes the frame apart. Order and messages are those of OpenShell's gateway, whose clients show them.</summary>
    public static Outcome<ForwardRequest> From(RelayRead first)
    {
        if (first.Kind != RelayReadKind.Init)
        {
            return Invalid(first.Kind == RelayReadKind.Completed ? "empty ForwardTcp stream" : "first TcpForwardFrame must be init");
        }

        TcpForwardInit init;
        try
        {
            init = TcpForwardFrame.Parser.ParseFrom(first.Data).Init;
        }
        catch (InvalidProtocolBufferException)
        {
            return Invalid("first TcpForwardFrame must be init");
        }

        if (init.Sandbox.Length == 0)
        {
            return Invalid("sandbox is required");
        }

        if (init.Workspace.Length == 0)
        {
            return Guid.TryParseExact(init.Sandbox, "D", out _) ? OldClient.Refusal : Invalid("workspace is required");
        }

        return init.TargetCase switch
        {
            TcpForwardInit.TargetOneofCase.Ssh => With(new SshTarget()),
            TcpForwardInit.TargetOneofCase.Tcp => TcpTargetAddress.Resolve(init.Tcp).Error is { } error
                ? Invalid(error)
                : With(new TcpTarget(init.Tcp.Host.Trim(), (int)init.Tcp.Port)),
            _ => Invalid("tcp forward target is required"),
        };

        ForwardRequest With(RelayTarget target) => new(init.Workspace, init.Sandbox, target, init.ServiceId, init.AuthorizationToken);
    }

    private static Failure Invalid(string message) => new(FailureKind.InvalidArgument, message);
}
