using System.Net.Sockets;
using Grpc.Core;
using Grpc.Net.Client;
using OpenShell.Protocol;
using OpenShell.Protocol.V1;
using Api = OpenShell.Protocol.V1.OpenShell;
using DriverSandbox = OpenShell.Protocol.Compute.V1.DriverSandbox;

namespace OpenShell.Load;

/// <summary>
/// A supervisor that does nothing but hold its session: its own connection, stream, token and heartbeats, and the real
/// one's delays between attempts.
/// </summary>
internal sealed class SupervisorStub(DriverSandbox sandbox, string socket, Counter accepted)
{
    // As src/Supervisor/Sessions/ReconnectLoop.
    private static readonly TimeSpan FirstDelay = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan LongestDelay = TimeSpan.FromSeconds(5);

    private readonly string _instance = Guid.NewGuid().ToString();

    public async Task RunAsync(CancellationToken stop)
    {
        var backoff = new Backoff(FirstDelay, LongestDelay, Random.Shared);
        while (!stop.IsCancellationRequested)
        {
            try
            {
                if (await RunOneAsync(stop))
                {
                    backoff.Reset();
                }

                await Task.Delay(backoff.Next(), stop);
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
    }

    private async Task<bool> RunOneAsync(CancellationToken stop)
    {
        var wasAccepted = false;
        using var alive = CancellationTokenSource.CreateLinkedTokenSource(stop);
        using var channel = GrpcChannel.ForAddress("http://openshell-gateway", new GrpcChannelOptions
        {
            HttpHandler = new SocketsHttpHandler { ConnectCallback = ConnectAsync, UseProxy = false, ActivityHeadersPropagator = null },
            DisposeHttpClient = true,
        });
        try
        {
            using var call = new Api.OpenShellClient(channel).ConnectSupervisor(
                new Metadata { { "authorization", $"Bearer {sandbox.Spec.SandboxToken}" } }, cancellationToken: alive.Token);
            var hello = new SupervisorHello { SandboxId = sandbox.Id, InstanceId = _instance, Version = "load" };
            await call.RequestStream.WriteAsync(new SupervisorMessage { Hello = hello }, alive.Token);
            if (!await call.ResponseStream.MoveNext(alive.Token)
                || call.ResponseStream.Current is not { PayloadCase: GatewayMessage.PayloadOneofCase.SessionAccepted, SessionAccepted: var answer })
            {
                return false;
            }

            wasAccepted = true;
            accepted.Add(1);
            var beating = BeatAsync(call.RequestStream, answer.HeartbeatInterval.ToTimeSpan(), alive.Token);
            while (await call.ResponseStream.MoveNext(alive.Token))
            {
                // Heartbeats.
            }

            await alive.CancelAsync();
            await beating;
        }
        catch (Exception e) when (e is RpcException or IOException or HttpRequestException or InvalidOperationException)
        {
            // The gateway was killed.
        }

        accepted.Add(wasAccepted ? -1 : 0);
        return wasAccepted;
    }

    private static async Task BeatAsync(IClientStreamWriter<SupervisorMessage> stream, TimeSpan interval, CancellationToken alive)
    {
        try
        {
            // Not all at the same moment.
            await Task.Delay(interval * Random.Shared.NextDouble(), alive);
            using var timer = new PeriodicTimer(interval);
            do
            {
                await stream.WriteAsync(new SupervisorMessage { Heartbeat = new SupervisorHeartbeat() }, alive);
            }
            while (await timer.WaitForNextTickAsync(alive));
        }
        catch (Exception e) when (e is OperationCanceledException or RpcException or IOException or InvalidOperationException)
        {
            // The reading side sees the same end.
        }
    }

    private async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellationToken)
    {
        var connection = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            await connection.ConnectAsync(new UnixDomainSocketEndPoint(socket), cancellationToken);
            return new NetworkStream(connection, ownsSocket: true);
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }
}
