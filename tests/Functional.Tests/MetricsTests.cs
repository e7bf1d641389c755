using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Grpc.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Logging;
using OpenShell.Protocol.V1;
using OpenShell.TestKit;

namespace OpenShell.Functional;

/// <summary>What a scraper and a collector see of a real gateway.</summary>
public sealed class MetricsTests : FunctionalTest
{
    private const string SessionsLive = "openshell_sessions_live";
    private const string RelaysActive = "openshell_relays_active";

    private static readonly HttpClient Http = new();

    private int _port;

    /// <inheritdoc/>
    protected override string[] GatewayArguments
    {
        get
        {
            _port = FreePort();
            return ["--metrics-port", _port.ToString(CultureInfo.InvariantCulture)];
        }
    }

    [Test]
    public async Task Metrics_AfterAnExec_HaveCountedIt()
    {
        var sandbox = await Gateway.CreateReadyAsync();
        var outcome = await Gateway.ExecAsync(new ExecSandboxRequest
        {
            WorkspaceScope = Scope.Default,
            Sandbox = sandbox.Metadata.Name,
            Command = { "/bin/sh", "-c", "head -c 100000 /dev/zero" },
        });
        Assert.That(outcome.Exit?.ExitCode, Is.Zero);

        var page = await WaitForAsync(p => p.Value("openshell_relays_duration_seconds_count{target=\"exec\"}") == 1, "the relay of the exec is over");
        Assert.Multiple(() =>
        {
            Assert.That(page.Value(SessionsLive), Is.EqualTo(1));
            Assert.That(page.Value("openshell_sessions_connected_total"), Is.EqualTo(1));
            Assert.That(page.Value("openshell_relays_opened_total{target=\"exec\"}"), Is.EqualTo(1));
            Assert.That(page.Value("openshell_relays_claimed_total{target=\"exec\"}"), Is.EqualTo(1));
            Assert.That(page.Value("openshell_relays_open_duration_seconds_count{target=\"exec\"}"), Is.EqualTo(1));
            Assert.That(page.Value("openshell_relays_io_bytes_total{direction=\"from_sandbox\"}"), Is.InRange(100_000, 110_000));
            Assert.That(page.Value("openshell_relays_io_bytes_total{direction=\"to_sandbox\"}"), Is.InRange(1, 10_000));
            Assert.That(page.Value(RelaysActive), Is.Zero);
            Assert.That(page.Value("openshell_execs_started_total"), Is.EqualTo(1));
            Assert.That(page.Value("openshell_execs_ended_total{outcome=\"exited\"}"), Is.EqualTo(1));
            Assert.That(page.Value("openshell_sandboxes_transitions_total{from=\"provisioning\",to=\"ready\"}"), Is.EqualTo(1));
            Assert.That(page.Value("openshell_sandboxes_create_to_ready_duration_seconds_count"), Is.EqualTo(1));
            Assert.That(page.Value("openshell_store_commits_total"), Is.Positive);
            Assert.That(page.Types, Contains.Key("dotnet_gc_collections_total").And.ContainKey("process_cpu_time_seconds_total"));
        });
        Assert.That(Gateway.Log, Does.Match(@"Relay [^ ]+ of sandbox [^ ]+ closed after [^ ]+, [0-9]+ bytes in and 10[0-9]{4} out: done"));
    }

    [Test]
    public async Task Metrics_Page_HasTheNamesAndTypesOfTheDocument()
    {
        var sandbox = await Gateway.CreateReadyAsync();
        await Gateway.ExecAsync(new ExecSandboxRequest { WorkspaceScope = Scope.Default, Sandbox = sandbox.Metadata.Name, Command = { "true" } });
        var page = await WaitForAsync(p => p.Types.ContainsKey("openshell_relays_duration_seconds"), "the relay of the exec is over");
        var documented = (await File.ReadAllLinesAsync(Path.Combine(TestPaths.Root, "docs", "metrics.md")))
            .Select(line => line.Split('|', StringSplitOptions.TrimEntries))
            .Where(cells => cells.Length > 4 && cells[2].StartsWith("`openshell_", StringComparison.Ordinal))
            .Select(cells => KeyValuePair.Create(cells[2].Trim('`'), cells[3]));

        Assert.That(page.Types.Where(type => type.Key.StartsWith("openshell_", StringComparison.Ordinal)), Is.SubsetOf(documented).And.Not.Empty);
    }

    [Test]
    public async Task Metrics_SandboxDeleted_NoSessionIsLeft()
    {
        var sandbox = await Gateway.CreateReadyAsync();
        await WaitForAsync(p => p.Value(SessionsLive) == 1, "there is a session");
        await Gateway.Client.DeleteSandboxAsync(new DeleteSandboxRequest { WorkspaceScope = Scope.Default, Name = sandbox.Metadata.Name });
        var page = await WaitForAsync(
            p => p.Value(SessionsLive) == 0 && p.Value("openshell_sessions_ended_total{reason=\"disconnected\"}") == 1,
            "the session is gone");
        Assert.That(page.Samples, Contains.Key(SessionsLive));
    }

    [Test]
    public async Task Metrics_RefusedOpen_IsCounted()
    {
        var sandbox = await Gateway.CreateReadyAsync();
        var execs = new List<AsyncServerStreamingCall<ExecSandboxEvent>>();
        try
        {
            // Execs that stay, until the limit on active relays of a sandbox says no.
            const int Limit = 256;
            for (var i = 0; i < Limit; i += 16)
            {
                execs.AddRange(Enumerable.Range(0, 16).Select(_ => Start(sandbox, "sleep 600")));
                await WaitForAsync(p => p.Value(RelaysActive) == execs.Count, $"{execs.Count} relays are active");
            }

            var refused = await Eventually.EndsAsync(
                Gateway.ExecAsync(new ExecSandboxRequest { WorkspaceScope = Scope.Default, Sandbox = sandbox.Metadata.Name, Command = { "true" } })
                    .ContinueWith(t => t.Exception?.GetBaseException() as RpcException, TaskScheduler.Default),
                "the exec above the limit is refused");
            Assert.That(refused?.StatusCode, Is.EqualTo(StatusCode.ResourceExhausted));
            await WaitForAsync(p => p.Value("openshell_relays_refused_total{reason=\"limit\"}") == 1, "the refusal is counted");
        }
        finally
        {
            execs.ForEach(e => e.Dispose());
        }

        var page = await WaitForAsync(p => p.Value(RelaysActive) == 0, "no relay is active");
        Assert.That(page.Value("openshell_execs_ended_total{outcome=\"lost\"}"), Is.EqualTo(execs.Count));
    }

    [Test]
    public async Task Metrics_OtherListenersAndPaths_HaveNone()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(Gateway.Endpoint, "/metrics"))
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
        };
        using var answer = await Http.SendAsync(request);
        Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.NotFound));

        using var page = await Http.GetAsync(new Uri($"http://127.0.0.1:{_port}/metrics"));
        Assert.That(page.Content.Headers.ContentType?.ToString(), Is.EqualTo("text/plain; version=0.0.4; charset=utf-8"));
    }

    [Test]
    public async Task Otlp_EndpointSet_CollectorGetsMetricsAndTraces()
    {
        var got = new Dictionary<string, TaskCompletionSource<string>>
        {
            ["/v1/metrics"] = new(TaskCreationOptions.RunContinuationsAsynchronously),
            ["/v1/traces"] = new(TaskCreationOptions.RunContinuationsAsynchronously),
        };
        await using var collector = await StartCollectorAsync(got);
        await Gateway.StopAsync();
        await Gateway.DisposeAsync();
        await WithVariablesAsync(
            new Dictionary<string, string>
            {
                ["OTEL_EXPORTER_OTLP_ENDPOINT"] = collector.Urls.Single(),
                ["OTEL_EXPORTER_OTLP_PROTOCOL"] = "http/protobuf",
                ["OTEL_SERVICE_NAME"] = "gateway-of-a-test",
            },
            StartAgainAsync);
        var sandbox = await Gateway.CreateReadyAsync();
        await Gateway.ExecAsync(new ExecSandboxRequest { WorkspaceScope = Scope.Default, Sandbox = sandbox.Metadata.Name, Command = { "true" } });
        // Its last words go out when it stops.
        Assert.That(await Gateway.StopAsync(), Is.Zero);

        var metrics = await Eventually.EndsAsync(got["/v1/metrics"].Task, "metrics come");
        var traces = await Eventually.EndsAsync(got["/v1/traces"].Task, "traces come");
        Assert.That(metrics, Does.Contain("openshell.relays.opened").And.Contain("gateway-of-a-test"));
        Assert.That(traces, Does.Contain("relay.open").And.Contain(sandbox.Metadata.Id));
    }

    private AsyncServerStreamingCall<ExecSandboxEvent> Start(Sandbox sandbox, string script) => Gateway.Client.ExecSandbox(
        new ExecSandboxRequest { WorkspaceScope = Scope.Default, Sandbox = sandbox.Metadata.Name, Command = { "/bin/sh", "-c", script } });

    private async Task<MetricsPage> ReadAsync() =>
        MetricsPage.Parse(await Http.GetStringAsync(new Uri($"http://127.0.0.1:{_port}/metrics")));

    private async Task<MetricsPage> WaitForAsync(Func<MetricsPage, bool> condition, string what)
    {
        var page = await ReadAsync();
        await Eventually.BecomesTrueAsync(
            async () => condition(page = await ReadAsync()),
            () => $"{what}:\n{string.Join('\n', page.Samples.Where(s => s.Key.StartsWith("openshell", StringComparison.Ordinal)))}");
        return page;
    }

    private static async Task<WebApplication> StartCollectorAsync(Dictionary<string, TaskCompletionSource<string>> got)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(k => k.Listen(IPAddress.Loopback, 0, l => l.Protocols = HttpProtocols.Http1));
        var app = builder.Build();
        app.Run(async context =>
        {
            // Protobuf keeps strings as they are.
            using var reader = new StreamReader(context.Request.Body, System.Text.Encoding.Latin1);
            var body = await reader.ReadToEndAsync();
            if (body.Contains("relay", StringComparison.Ordinal) && got.TryGetValue(context.Request.Path, out var waits))
            {
                waits.TrySetResult(body);
            }
        });
        await app.StartAsync();
        return app;
    }

    private static async Task WithVariablesAsync(Dictionary<string, string> variables, Func<Task> action)
    {
        try
        {
            foreach (var (name, value) in variables)
            {
                Environment.SetEnvironmentVariable(name, value);
            }

            await action();
        }
        finally
        {
            foreach (var name in variables.Keys)
            {
                Environment.SetEnvironmentVariable(name, null);
            }
        }
    }

    // No port 0 here: it means that there is no page.
    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
