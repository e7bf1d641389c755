using Grpc.Core;
using OpenShell.Protocol.V1;

namespace OpenShell.Supervisor.Tests.Fakes;

/// <summary>One ConnectSupervisor call at the fake gateway.</summary>
internal sealed class FakeSession(SupervisorHello hello, string authorization, IServerStreamWriter<GatewayMessage> writer) : IDisposable
{
    private readonly SemaphoreSlim _writing = new(1, 1);

    public SupervisorHello Hello => hello;

    public string Authorization => authorization;

    /// <summary>Completed to end the call from this side.</summary>
    public TaskCompletionSource End { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Completes when the supervisor has gone.</summary>
    public TaskCompletionSource Ended { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public TaskCompletionSource Heartbeat { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public async Task SendAsync(GatewayMessage message)
    {
        await _writing.WaitAsync();
        try
        {
            await writer.WriteAsync(message);
        }
        finally
        {
            _writing.Release();
        }
    }

    public void Dispose() => _writing.Dispose();
}
