using Grpc.Core;
using OpenShell.Gateway.Sessions;
using OpenShell.Gateway.Supervisors;
using OpenShell.Protocol.V1;
using WireMessage = OpenShell.Protocol.V1.SupervisorMessage;

namespace OpenShell.Gateway.Services;

/// <summary>A ConnectSupervisor call as the stream of a session.</summary>
internal sealed class SupervisorStream(
    IAsyncStreamReader<WireMessage> input, IServerStreamWriter<GatewayMessage> output, Action abort, TimeProvider time) : ISupervisorStream
{
    public async Task<Supervisors.SupervisorMessage?> ReadAsync(CancellationToken cancellationToken) =>
        await input.MoveNext(cancellationToken) ? SessionMapping.ToRecord(input.Current) : null;

    public Task WriteAsync(SessionCommand command, CancellationToken cancellationToken) =>
        output.WriteAsync(SessionMapping.ToMessage(command, time.GetUtcNow()), cancellationToken);

    public void Abort() => abort();
}
