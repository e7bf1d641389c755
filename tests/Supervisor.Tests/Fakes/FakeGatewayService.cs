using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using OpenShell.Protocol.Sandbox.V1;
using OpenShell.Protocol.V1;

namespace OpenShell.Supervisor.Tests.Fakes;

/// <summary>The gRPC methods of the fake gateway.</summary>
internal sealed class FakeGatewayService(FakeGateway gateway) : Protocol.V1.OpenShell.OpenShellBase
{
    public override async Task ConnectSupervisor(
        IAsyncStreamReader<SupervisorMessage> requestStream, IServerStreamWriter<GatewayMessage> responseStream, ServerCallContext context)
    {
        await requestStream.MoveNext(context.CancellationToken);
        if (gateway.Rejection is { } reason)
        {
            await responseStream.WriteAsync(new GatewayMessage { SessionRejected = new SessionRejected { Reason = reason } });
            return;
        }

        using var session = new FakeSession(
            requestStream.Current.Hello, context.RequestHeaders.GetValue("authorization") ?? "", responseStream);
        var accepted = new SessionAccepted { SessionId = "session", HeartbeatInterval = Duration.FromTimeSpan(TimeSpan.FromSeconds(gateway.HeartbeatSeconds)) };
        accepted.Features.AddRange(session.Hello.Features.Except(gateway.UnknownFeatures));
        await session.SendAsync(new GatewayMessage { SessionAccepted = accepted });
        gateway.OnSession(session);
        var reading = ReadAllAsync(requestStream, session, context.CancellationToken);
        await Task.WhenAny(reading, session.End.Task);
        session.Ended.TrySetResult();
    }

    public override Task<ReportMainProcessExitResponse> ReportMainProcessExit(ReportMainProcessExitRequest request, ServerCallContext context)
    {
        gateway.Reports.Writer.TryWrite(request);
        return Task.FromResult(new ReportMainProcessExitResponse());
    }

    public override Task<FinalizeMainProcessExitResponse> FinalizeMainProcessExit(FinalizeMainProcessExitRequest request, ServerCallContext context)
    {
        gateway.Finals.Writer.TryWrite(request);
        return Task.FromResult(new FinalizeMainProcessExitResponse());
    }

    public override Task<GetSandboxConfigResponse> GetSandboxConfig(GetSandboxConfigRequest request, ServerCallContext context) =>
        request.Name == "quiet-fox" && gateway.Config is { } config
            ? Task.FromResult(config)
            : throw new RpcException(new Status(StatusCode.Unimplemented, ""));

    public override Task<ReportSandboxConfigurationResponse> ReportSandboxConfiguration(
        ReportSandboxConfigurationRequest request, ServerCallContext context)
    {
        gateway.Configurations.Writer.TryWrite(request);
        return Task.FromResult(new ReportSandboxConfigurationResponse());
    }

    public override Task<ReportPolicyStatusResponse> ReportPolicyStatus(ReportPolicyStatusRequest request, ServerCallContext context)
    {
        gateway.PolicyStatuses.Writer.TryWrite(request);
        return Task.FromResult(new ReportPolicyStatusResponse());
    }

    public override Task<RefreshSandboxTokenResponse> RefreshSandboxToken(RefreshSandboxTokenRequest request, ServerCallContext context) =>
        Task.FromResult(gateway.Refresh());

    public override async Task<PushSandboxLogsResponse> PushSandboxLogs(
        IAsyncStreamReader<PushSandboxLogsRequest> requestStream, ServerCallContext context)
    {
        while (await requestStream.MoveNext(context.CancellationToken))
        {
            gateway.OnPush(requestStream.Current);
        }

        return new PushSandboxLogsResponse();
    }

    private async Task ReadAllAsync(IAsyncStreamReader<SupervisorMessage> messages, FakeSession session, CancellationToken cancellationToken)
    {
        try
        {
            while (await messages.MoveNext(cancellationToken))
            {
                if (messages.Current.RelayOpenResult is { } result)
                {
                    gateway.OnResult(result);
                }
                else if (messages.Current.Heartbeat is not null)
                {
                    session.Heartbeat.TrySetResult();
                }
            }
        }
        catch (Exception e) when (e is IOException or OperationCanceledException or RpcException or InvalidOperationException)
        {
            // The supervisor has gone.
        }
    }
}
