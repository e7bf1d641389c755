using System.Collections.Concurrent;
using System.Net;
using System.Threading.Channels;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using OpenShell.Protocol.Exec;
using OpenShell.Protocol.Extensions.V1;
using OpenShell.Protocol.Relay;
using OpenShell.Protocol.Sandbox.V1;
using OpenShell.Protocol.V1;

namespace OpenShell.Supervisor.Tests.Fakes;

/// <summary>The gateway's supervisor endpoint, as small as can be: sessions, relays, reports, on a real HTTP/2 server.</summary>
internal sealed class FakeGateway : IAsyncDisposable
{
    public const string Token = "token-of-the-test";

    private readonly WebApplication _app;
    private readonly ConcurrentDictionary<string, TaskCompletionSource<RelayConnection>> _claims = new();
    private readonly Channel<FakeSession> _sessions = Channel.CreateUnbounded<FakeSession>();
    private int _lastChannel;
    private int _refusedPushes;

    private FakeGateway(WebApplication app) => _app = app;

    public Channel<ReportMainProcessExitRequest> Reports { get; } = Channel.CreateUnbounded<ReportMainProcessExitRequest>();

    public Channel<FinalizeMainProcessExitRequest> Finals { get; } = Channel.CreateUnbounded<FinalizeMainProcessExitRequest>();

    /// <summary>What the sandbox is to run under; null: this gateway knows no configurations.</summary>
    public GetSandboxConfigResponse? Config { get; set; }

    public Channel<ReportSandboxConfigurationRequest> Configurations { get; } = Channel.CreateUnbounded<ReportSandboxConfigurationRequest>();

    public Channel<ReportPolicyStatusRequest> PolicyStatuses { get; } = Channel.CreateUnbounded<ReportPolicyStatusRequest>();

    /// <summary>Features that it does not know.</summary>
    public IReadOnlyCollection<string> UnknownFeatures { get; set; } = [];

    /// <summary>The answer to who asks for a new token.</summary>
    public Func<RefreshSandboxTokenResponse> Refresh { get; set; } = () => new RefreshSandboxTokenResponse { Token = Token };

    /// <summary>What was pushed.</summary>
    public ConcurrentQueue<PushSandboxLogsRequest> Pushes { get; } = [];

    /// <summary>How pushes are refused, if they are.</summary>
    public Grpc.Core.StatusCode? PushFailure { get; set; }

    /// <summary>Pushes that were refused.</summary>
    public int RefusedPushes => _refusedPushes;

    public ConcurrentBag<RelayOpenResult> Results { get; } = [];

    /// <summary>What a session is told about heartbeats.</summary>
    public uint HeartbeatSeconds { get; set; } = 15;

    /// <summary>A reason to refuse sessions.</summary>
    public string? Rejection { get; set; }

    public FakeSession? Current { get; private set; }

    public static async Task<FakeGateway> StartAsync(string socketPath)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.Limits.MinRequestBodyDataRate = null;
            kestrel.Limits.MaxRequestBodySize = null;
            kestrel.Limits.Http2.MaxStreamsPerConnection = 1000;
            kestrel.Limits.Http2.InitialConnectionWindowSize = 128 * 1024 * 1024;
            kestrel.Limits.Http2.InitialStreamWindowSize = 1024 * 1024;
            if (socketPath.StartsWith('/'))
            {
                kestrel.ListenUnixSocket(socketPath, listen => listen.Protocols = HttpProtocols.Http2);
            }
            else
            {
                kestrel.Listen(IPAddress.Loopback, int.Parse(socketPath, System.Globalization.CultureInfo.InvariantCulture), listen => listen.Protocols = HttpProtocols.Http2);
            }
        });
        builder.Services.AddGrpc();
        FakeGateway? gateway = null;
        builder.Services.AddSingleton(_ => new FakeGatewayService(gateway!));
        var app = builder.Build();
        gateway = new FakeGateway(app);
        app.Use(next => context => context.Request.Path == RelayWire.RelayStreamPath ? gateway.ServeRelayAsync(context) : next(context));
        app.MapGrpcService<FakeGatewayService>();
        await app.StartAsync();
        return gateway;
    }

    public async Task<FakeSession> WaitForSessionAsync()
    {
        using var timeout = new CancellationTokenSource(TestEngine.Timeout);
        try
        {
            return await _sessions.Reader.ReadAsync(timeout.Token);
        }
        catch (OperationCanceledException)
        {
            throw new TimeoutException("No supervisor has opened a session.");
        }
    }

    /// <summary>Asks for a relay. The task fails when the supervisor refuses.</summary>
    public async Task<RelayConnection> OpenAsync(Action<RelayOpen> describe)
    {
        var session = Current ?? throw new InvalidOperationException("There is no session.");
        var open = new RelayOpen { ChannelId = $"channel-{Interlocked.Increment(ref _lastChannel)}" };
        describe(open);
        var claim = new TaskCompletionSource<RelayConnection>(TaskCreationOptions.RunContinuationsAsynchronously);
        _claims[open.ChannelId] = claim;
        await session.SendAsync(new GatewayMessage { RelayOpen = open });
        return await claim.Task.WaitAsync(TestEngine.Timeout);
    }

    public async Task<ExecCall> AttachAsync(ExecAttach attach)
    {
        var call = await OpenExecAsync();
        await call.Channel.WriteAsync(ExecFrameType.Attach, attach, CancellationToken.None);
        return call;
    }

    public async Task<ExecCall> ExecAsync(ExecStart start)
    {
        var call = await OpenExecAsync();
        await call.Channel.WriteStartAsync(start, CancellationToken.None);
        return call;
    }

    /// <summary>A relay to the target exec, on which nothing has been sent.</summary>
    public async Task<ExecCall> OpenExecAsync()
    {
        var id = "";
        var relay = await OpenAsync(open =>
        {
            open.Exec = new ExecRelayTarget();
            id = open.ChannelId;
        });
        return new ExecCall(relay, id);
    }

    public Task<ExecCall> ExecAsync(params string[] argv)
    {
        var start = new ExecStart();
        start.Argv.AddRange(argv);
        return ExecAsync(start);
    }

    public async ValueTask DisposeAsync()
    {
        using var now = new CancellationTokenSource(TimeSpan.FromSeconds(1));
        await _app.StopAsync(now.Token);
        await _app.DisposeAsync();
    }

    internal void OnPush(PushSandboxLogsRequest push)
    {
        if (PushFailure is { } code)
        {
            Interlocked.Increment(ref _refusedPushes);
            throw new Grpc.Core.RpcException(new Grpc.Core.Status(code, "no"));
        }

        Pushes.Enqueue(push);
    }

    internal void OnSession(FakeSession session)
    {
        Current = session;
        _sessions.Writer.TryWrite(session);
    }

    internal void OnResult(RelayOpenResult result)
    {
        Results.Add(result);
        if (!result.Success && _claims.TryRemove(result.ChannelId, out var claim))
        {
            claim.TrySetException(new IOException(result.Error));
        }
    }

    private async Task ServeRelayAsync(HttpContext context)
    {
        context.Response.ContentType = "application/grpc";
        var reader = new RelayFrameReader(context.Request.BodyReader);
        var init = await reader.ReadAsync(context.RequestAborted);
        reader.Advance();
        if (init.Kind != RelayReadKind.Init || !_claims.TryRemove(init.ChannelId!, out var claim))
        {
            context.Response.Headers["grpc-status"] = "5";
            return;
        }

        // Starting alone leaves the headers in the server's buffer, and the supervisor waits for them.
        await context.Response.Body.FlushAsync();
        var ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var transport = new ServerRelayTransport(context, ended);
        claim.TrySetResult(new RelayConnection(reader, new RelayFrameWriter(context.Response.BodyWriter), transport, peerKnowsEndOfStream: true));
        await using var aborted = context.RequestAborted.Register(() => ended.TrySetResult());
        await ended.Task;
        if (context.Response.SupportsTrailers())
        {
            context.Response.AppendTrailer("grpc-status", "0");
        }
    }
}
