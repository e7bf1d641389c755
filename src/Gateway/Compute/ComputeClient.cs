using System.Net.Sockets;
using Grpc.Core;
using Grpc.Net.Client;
using OpenShell.Gateway.Sandboxes;
using OpenShell.Linux.Sockets;
using OpenShell.Protocol.Compute.V1;
using OpenShell.Protocol.Outcomes;

namespace OpenShell.Gateway.Compute;

/// <summary>
/// The compute driver behind its Unix socket. The channel outlives the driver: while one starts, or starts again after
/// it died, calls wait a bounded time for it. Expected refusals are returned, not thrown.
/// </summary>
internal sealed class ComputeClient : IDisposable
{
    // Stopping waits for the guest to power off; the rest is quick or happens in the background.
    private static readonly TimeSpan CallTimeout = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan ConnectInterval = TimeSpan.FromMilliseconds(20);

    private readonly GrpcChannel _channel;
    private readonly ComputeDriver.ComputeDriverClient _client;

    public ComputeClient(ComputeSocket socket)
    {
        var handler = new SocketsHttpHandler
        {
            ConnectCallback = (_, cancellationToken) => ConnectAsync(socket.Path, cancellationToken),
        };
        _channel = GrpcChannel.ForAddress("http://compute-driver", new GrpcChannelOptions
        {
            HttpHandler = handler,
            DisposeHttpClient = true,
        });
        _client = new ComputeDriver.ComputeDriverClient(_channel);
    }

    /// <summary>Name, version and abilities; a failure while the driver is not up.</summary>
    public Task<Outcome<GetCapabilitiesResponse>> GetCapabilitiesAsync(CancellationToken cancellationToken) =>
        CallAsync(options => _client.GetCapabilitiesAsync(new GetCapabilitiesRequest(), options), cancellationToken);

    /// <summary>Asks whether the driver would take this sandbox; changes nothing.</summary>
    public Task<Outcome<ValidateSandboxCreateResponse>> ValidateAsync(SandboxRecord record, CancellationToken cancellationToken) =>
        CallAsync(
            options => _client.ValidateSandboxCreateAsync(
                new ValidateSandboxCreateRequest { Sandbox = DriverMapping.ToDriver(record, token: "") }, options),
            cancellationToken);

    /// <summary>Hands a sandbox over; its machine is made in the background.</summary>
    public Task<Outcome<CreateSandboxResponse>> CreateAsync(SandboxRecord record, string token, CancellationToken cancellationToken) =>
        CallAsync(
            options => _client.CreateSandboxAsync(
                new CreateSandboxRequest { Sandbox = DriverMapping.ToDriver(record, token) }, options),
            cancellationToken);

    /// <summary>The driver's view of a sandbox; NotFound.</summary>
    public Task<Outcome<GetSandboxResponse>> GetAsync(SandboxRecord record, CancellationToken cancellationToken) =>
        CallAsync(
            options => _client.GetSandboxAsync(
                new GetSandboxRequest { SandboxId = record.Id, SandboxName = record.Name }, options),
            cancellationToken);

    /// <summary>Starts a stopped sandbox with a token of its new boot epoch.</summary>
    public Task<Outcome<StartSandboxResponse>> StartAsync(SandboxRecord record, string token, CancellationToken cancellationToken) =>
        CallAsync(
            options => _client.StartSandboxAsync(
                new StartSandboxRequest { SandboxId = record.Id, SandboxName = record.Name, SandboxToken = token }, options),
            cancellationToken);

    /// <summary>Powers a sandbox off, whatever its state, and keeps its disk; by force without asking the guest.</summary>
    public Task<Outcome<StopSandboxResponse>> StopAsync(SandboxRecord record, bool force, CancellationToken cancellationToken) =>
        CallAsync(
            options => _client.StopSandboxAsync(
                new StopSandboxRequest { SandboxId = record.Id, SandboxName = record.Name, Force = force }, options),
            cancellationToken);

    /// <summary>Every sandbox that the driver has, stopped ones too.</summary>
    public Task<Outcome<ListSandboxesResponse>> ListAsync(CancellationToken cancellationToken) =>
        CallAsync(options => _client.ListSandboxesAsync(new ListSandboxesRequest(), options), cancellationToken);

    /// <summary>Removes a sandbox and all it left.</summary>
    public Task<Outcome<DeleteSandboxResponse>> DeleteAsync(SandboxRecord record, CancellationToken cancellationToken) =>
        DeleteAsync(record.Id, record.Name, cancellationToken);

    /// <summary>As above, for a machine without a record.</summary>
    public Task<Outcome<DeleteSandboxResponse>> DeleteAsync(string id, string name, CancellationToken cancellationToken) =>
        CallAsync(
            options => _client.DeleteSandboxAsync(new DeleteSandboxRequest { SandboxId = id, SandboxName = name }, options),
            cancellationToken);

    /// <summary>The driver's events, beginning with every sandbox as it is now.</summary>
    /// <exception cref="RpcException">The driver is not there or has gone.</exception>
    public IAsyncEnumerable<WatchSandboxesEvent> WatchAsync(CancellationToken cancellationToken) =>
        _client.WatchSandboxes(new WatchSandboxesRequest(), cancellationToken: cancellationToken)
            .ResponseStream.ReadAllAsync(cancellationToken);

    /// <inheritdoc/>
    public void Dispose() => _channel.Dispose();

    private static async ValueTask<Stream> ConnectAsync(string path, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(ConnectTimeout);
        while (true)
        {
            try
            {
                // Sandbox tokens go there.
                return new NetworkStream(await UnixDial.ConnectAsync(path, limit.Token), ownsSocket: true);
            }
            catch (SocketException)
            {
                await Task.Delay(ConnectInterval, limit.Token);
            }
        }
    }

    private static async Task<Outcome<T>> CallAsync<T>(Func<CallOptions, AsyncUnaryCall<T>> call, CancellationToken cancellationToken)
        where T : class
    {
        try
        {
            var options = new CallOptions(deadline: DateTime.UtcNow + CallTimeout, cancellationToken: cancellationToken);
            using var running = call(options);
            return await running.ResponseAsync;
        }
        catch (RpcException e) when (!cancellationToken.IsCancellationRequested)
        {
            return DriverMapping.ToFailure(e.Status);
        }
        catch (RpcException)
        {
            throw new OperationCanceledException(cancellationToken);
        }
    }
}
