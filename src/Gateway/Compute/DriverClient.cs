using System.Net.Sockets;
using System.Runtime.CompilerServices;
using Grpc.Core;
using Grpc.Net.Client;
using OpenShell.Gateway.Auth;
using OpenShell.Gateway.Readiness;
using OpenShell.Gateway.Sandboxes;
using OpenShell.Linux.Sockets;
using OpenShell.Protocol.Compute.V1;
using OpenShell.Protocol.Outcomes;

namespace OpenShell.Gateway.Compute;

/// <summary>The Unix socket of the compute driver.</summary>
internal sealed record DriverSocket(string Path);

/// <summary>
/// The compute driver behind its Unix socket. The channel outlives the driver: while one starts, or starts again after
/// it died, calls wait a bounded time for it. Expected refusals are returned, not thrown.
/// </summary>
internal sealed class DriverClient : IDisposable
{
    // Stopping waits for the guest to power off; the rest is quick or happens in the background.
    private static readonly TimeSpan CallTimeout = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan ConnectInterval = TimeSpan.FromMilliseconds(20);

    private readonly GrpcChannel _channel;
    private readonly ComputeDriver.ComputeDriverClient _client;
    private readonly SandboxTokens _tokens;

    // With the driver that is up; asked for again when its watch has ended, since another may come.
    private DriverContract? _contract;

    public DriverClient(DriverSocket socket, SandboxTokens tokens)
    {
        _tokens = tokens;
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

    /// <summary>Name, version and warnings; a failure while the driver is not up.</summary>
    public async Task<Outcome<DriverInfo>> GetInfoAsync(CancellationToken cancellationToken) =>
        (await NegotiateAsync(cancellationToken)).Succeeded(out var contract, out var failure) ? contract.Driver : failure;

    /// <summary>What was agreed on with the driver, which precedes every other call. FailedPrecondition: we cannot work together.</summary>
    public async Task<Outcome<DriverContract>> AgreeAsync(CancellationToken cancellationToken) =>
        Volatile.Read(ref _contract) is { } contract ? contract : await NegotiateAsync(cancellationToken);

    /// <summary>Asks whether the driver would take this sandbox; changes nothing.</summary>
    public Task<Failure?> ValidateAsync(SandboxRecord record, CancellationToken cancellationToken) =>
        TellAsync(
            options => _client.ValidateSandboxCreateAsync(
                new ValidateSandboxCreateRequest { Sandbox = DriverMapping.ToDriver(record, token: "") }, options),
            cancellationToken);

    /// <summary>Hands a sandbox over, with a token of its boot epoch; its machine is made in the background.</summary>
    public Task<Failure?> CreateAsync(SandboxRecord record, CancellationToken cancellationToken) =>
        TellAsync(
            options => _client.CreateSandboxAsync(
                new CreateSandboxRequest { Sandbox = DriverMapping.ToDriver(record, TokenOf(record)) }, options),
            cancellationToken);

    /// <summary>The driver's view of a sandbox; NotFound.</summary>
    public Task<Outcome<DriverStatus>> GetAsync(string id, string name, CancellationToken cancellationToken) =>
        CallAsync(
            options => _client.GetSandboxAsync(new GetSandboxRequest { SandboxId = id, Name = name }, options),
            answer => DriverMapping.ToStatus(answer.Sandbox.Status),
            cancellationToken);

    /// <summary>Starts a stopped sandbox, with a token of its boot epoch if the driver takes one.</summary>
    public async Task<Failure?> StartAsync(SandboxRecord record, CancellationToken cancellationToken)
    {
        if (!(await AgreeAsync(cancellationToken)).Succeeded(out var contract, out var failure))
        {
            return failure;
        }

        var token = contract.TakesStartTokens ? TokenOf(record) : "";
        return await TellAsync(
            options => _client.StartSandboxAsync(new StartSandboxRequest { SandboxId = record.Id, Name = record.Name, SandboxToken = token }, options),
            cancellationToken);
    }

    /// <summary>Powers a sandbox off, whatever its state, and keeps its disk; by force without asking the guest.</summary>
    public Task<Failure?> StopAsync(SandboxRecord record, bool force, CancellationToken cancellationToken) =>
        TellAsync(
            options => _client.StopSandboxAsync(
                new StopSandboxRequest { SandboxId = record.Id, Name = record.Name, Force = force }, options),
            cancellationToken);

    /// <summary>Every sandbox that the driver has, stopped ones too.</summary>
    public Task<Outcome<DriverMachine[]>> ListAsync(CancellationToken cancellationToken) =>
        CallAsync<ListSandboxesResponse, DriverMachine[]>(
            options => _client.ListSandboxesAsync(new ListSandboxesRequest(), options),
            answer => [.. answer.Sandboxes.Select(DriverMapping.ToMachine)],
            cancellationToken);

    /// <summary>Removes a sandbox and all it left.</summary>
    public Task<Failure?> DeleteAsync(SandboxRecord record, CancellationToken cancellationToken) =>
        TellAsync(
            options => _client.DeleteSandboxAsync(new DeleteSandboxRequest { SandboxId = record.Id, Name = record.Name }, options),
            cancellationToken);

    /// <summary>Tells the driver of a workspace in which a sandbox is to be created; again does nothing.</summary>
    public Task<Failure?> EnsureWorkspaceAsync(string workspace, CancellationToken cancellationToken) =>
        TellIfKnownAsync(
            options => _client.EnsureWorkspaceAsync(new EnsureWorkspaceRequest { Workspace = workspace }, options), cancellationToken);

    /// <summary>Tells the driver that a workspace, which is empty, goes; one that it does not know is gone.</summary>
    public async Task<Failure?> DeleteWorkspaceAsync(string workspace, CancellationToken cancellationToken) =>
        await TellIfKnownAsync(
            options => _client.DeleteWorkspaceAsync(new DeleteWorkspaceRequest { Workspace = workspace }, options), cancellationToken)
            is { } failure && failure.Kind != FailureKind.NotFound ? failure : null;

    /// <summary>The driver's events, beginning with every sandbox as it is now.</summary>
    /// <exception cref="IOException">The driver is not there or has gone.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was cancelled.</exception>
    public async IAsyncEnumerable<DriverEvent> WatchAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        if (!(await AgreeAsync(cancellationToken)).Succeeded(out _, out var refused))
        {
            throw new IOException(refused.Message);
        }

        using var call = _client.WatchSandboxes(new WatchSandboxesRequest(), cancellationToken: cancellationToken);
        try
        {
            while (await MoveNextAsync(call.ResponseStream, cancellationToken))
            {
                if (DriverMapping.ToEvent(call.ResponseStream.Current) is { } next)
                {
                    yield return next;
                }
            }
        }
        finally
        {
            Volatile.Write(ref _contract, null);
        }
    }

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

    private async Task<Outcome<DriverContract>> NegotiateAsync(CancellationToken cancellationToken)
    {
        var answer = await CallFirstAsync(
            options => _client.GetCapabilitiesAsync(new GetCapabilitiesRequest { Gateway = DriverContract.Gateway }, options),
            answer => answer,
            cancellationToken);
        if (!answer.Succeeded(out var capabilities, out var failure))
        {
            return failure;
        }

        var agreement = DriverContract.With(capabilities);
        Volatile.Write(ref _contract, agreement.Succeeded(out var contract, out _) ? contract : null);
        return agreement;
    }

    private string TokenOf(SandboxRecord record) => _tokens.Issue(record.Id, record.BootEpoch, DriverMapping.PolicyDigest(record)).Value;

    private static async Task<bool> MoveNextAsync(IAsyncStreamReader<WatchSandboxesEvent> events, CancellationToken cancellationToken)
    {
        try
        {
            return await events.MoveNext(cancellationToken);
        }
        catch (RpcException e)
        {
            cancellationToken.ThrowIfCancellationRequested();
            throw new IOException(e.Status.Detail, e);
        }
    }

    private async Task<Failure?> TellAsync<T>(Func<CallOptions, AsyncUnaryCall<T>> call, CancellationToken cancellationToken)
        where T : class =>
        (await CallAsync(call, answer => answer, cancellationToken)).Succeeded(out _, out var failure) ? null : failure;

    // A driver that has nothing to do for workspaces need not have the method.
    private async Task<Failure?> TellIfKnownAsync<T>(Func<CallOptions, AsyncUnaryCall<T>> call, CancellationToken cancellationToken)
        where T : class =>
        await TellAsync(call, cancellationToken) is { } failure && failure.Kind != FailureKind.Unimplemented ? failure : null;

    private async Task<Outcome<TResult>> CallAsync<T, TResult>(
        Func<CallOptions, AsyncUnaryCall<T>> call, Func<T, TResult> map, CancellationToken cancellationToken)
        where TResult : class =>
        (await AgreeAsync(cancellationToken)).Succeeded(out _, out var failure) ? await CallFirstAsync(call, map, cancellationToken) : failure;

    private static async Task<Outcome<TResult>> CallFirstAsync<T, TResult>(
        Func<CallOptions, AsyncUnaryCall<T>> call, Func<T, TResult> map, CancellationToken cancellationToken)
        where TResult : class
    {
        try
        {
            // By the system's clock, which is the one that the gRPC library compares it with.
            var options = new CallOptions(deadline: DateTime.UtcNow + CallTimeout, cancellationToken: cancellationToken);
            using var running = call(options);
            return map(await running.ResponseAsync);
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
