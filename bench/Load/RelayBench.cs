using System.Diagnostics;
using OpenShell.Protocol.Relay;
using OpenShell.Protocol.V1;

namespace OpenShell.Load;

/// <summary>One relay, ten, one beside a saturated one; and OpenSSH's tunnel to the same targets in the same run.</summary>
internal sealed class RelayBench(
    LoadOptions options, GatewayUnderTest gateway, ChildProcess supervisor, LoopbackTargets targets, string sandbox)
{
    private const int ManyStreams = 10;

    public static async Task<Dictionary<string, object>> RunAsync(LoadOptions options)
    {
        using var work = new WorkDirectory();
        using var targets = new LoopbackTargets();
        ChildProcess? supervisor = null;
        await using var driver = await LoadDriver.StartAsync(
            work.File("driver.sock"), sandbox => supervisor = SupervisorUnderTest.Start(options, work, sandbox));
        using var gateway = await GatewayUnderTest.StartAsync(options, work, work.File("driver.sock"));
        try
        {
            var created = await Until.EndsAsync(gateway.Client.CreateSandboxAsync(new CreateSandboxRequest { WorkspaceScope = Scope.Default, Spec = new SandboxSpec() }).ResponseAsync, "the sandbox is created");
            await Until.TrueAsync(async () => await gateway.CountReadyAsync() == 1, "the sandbox becomes Ready");
            var bench = new RelayBench(options, gateway, supervisor!, targets, created.Sandbox.Metadata.Name);
            var figures = options.Busy ? await BusyRelayBench.MeasureAsync(options, work, targets, bench.OpenAsync) : await bench.MeasureAsync();
            if (options is { Ssh: true, Busy: false })
            {
                await MeasureSshAsync(options, work, targets, figures);
            }

            figures["load_average"] = ProcessFigures.LoadAverage();
            return figures;
        }
        finally
        {
            supervisor?.Dispose();
        }
    }

    private async Task<Dictionary<string, object>> MeasureAsync()
    {
        var figures = new Dictionary<string, object>();
        await using (var stream = await OpenAsync(targets.EchoPort))
        {
            var echo = await Measure.EchoAsync(stream, options, "through a relay");
            Add(figures, "echo_p50_us", Measure.Percentile(echo, 50));
            Add(figures, "echo_p99_us", Measure.Percentile(echo, 99));
        }

        await using (var stream = await OpenAsync(targets.SinkPort))
        {
            await WithCostAsync(figures, "up", () => Measure.UpAsync([stream], () => targets.Sunk, options));
        }

        await using (var stream = await OpenAsync(targets.SourcePort))
        {
            await WithCostAsync(figures, "down", () => Measure.DownAsync([stream], options));
        }

        Add(figures, "streams10_mb_s", await ManyAsync());
        var beside = new[] { await BesideAsync(targets.SourcePort, up: false), await BesideAsync(targets.SinkPort, up: true) };
        Add(figures, "loaded_echo_p50_ms", beside.Max(samples => Measure.Percentile(samples, 50)) / 1000);
        Add(figures, "loaded_echo_p99_ms", beside.Max(samples => Measure.Percentile(samples, 99)) / 1000);
        Add(figures, "open_p50_us", await OpenTimeAsync());
        Add(figures, "gateway_rss_mib", ProcessFigures.RssMebibytes(gateway.Pid));
        return figures;
    }

    // CPU time per byte says what a hop costs whoever else is on the machine.
    private async Task WithCostAsync(Dictionary<string, object> figures, string direction, Func<Task<Throughput>> measure)
    {
        var pids = new[] { ("gateway", gateway.Pid), ("supervisor", supervisor.OnlyChild()), ("client_and_target", Environment.ProcessId) };
        var before = pids.Select(p => ProcessFigures.Cpu(p.Item2)).ToArray();
        var (rate, bytes) = await measure();
        Add(figures, $"{direction}_mb_s", rate);
        for (var i = 0; i < pids.Length; i++)
        {
            Add(figures, $"{direction}_{pids[i].Item1}_cpu_s_per_gb", (ProcessFigures.Cpu(pids[i].Item2) - before[i]).TotalSeconds / (bytes / 1e9));
        }
    }

    private async Task<double> ManyAsync()
    {
        var streams = new List<IByteStream>();
        for (var i = 0; i < ManyStreams; i++)
        {
            streams.Add(await OpenAsync(targets.SinkPort));
        }

        var (rate, _) = await Measure.UpAsync(streams, () => targets.Sunk, options);
        foreach (var stream in streams)
        {
            await stream.DisposeAsync();
        }

        return rate;
    }

    private async Task<double[]> BesideAsync(int port, bool up)
    {
        await using var busy = await OpenAsync(port);
        await using var echo = await OpenAsync(targets.EchoPort);
        using var stop = new CancellationTokenSource();
        var load = up ? Measure.SendAsync(busy, stop.Token) : Measure.ReceiveAsync(busy, new Counter(), stop.Token);
        var samples = await Measure.EchoAsync(echo, options, "beside a busy relay");
        await stop.CancelAsync();
        await Until.EndsAsync(load, "the busy relay stops");
        return samples;
    }

    private async Task<double> OpenTimeAsync()
    {
        using var http = NewHttp();
        var samples = new double[options.Opens];
        var token = await TokenAsync();
        for (var i = 0; i < options.Opens; i++)
        {
            var begun = Stopwatch.GetTimestamp();
            var relay = await OpenAsync(http, Init(token, targets.EchoPort));
            samples[i] = Stopwatch.GetElapsedTime(begun).TotalMicroseconds;
            await Until.EndsAsync(relay.CompleteWritesAsync(CancellationToken.None).AsTask(), "a relay's input ends");
            await Until.EndsAsync(relay.DisposeAsync().AsTask(), "a relay is closed");
        }

        Array.Sort(samples);
        return Measure.Percentile(samples, 50);
    }

    private static async Task MeasureSshAsync(LoadOptions options, WorkDirectory work, LoopbackTargets targets, Dictionary<string, object> figures)
    {
        using var tunnel = await SshTunnel.OpenAsync(work, [targets.EchoPort, targets.SinkPort, targets.SourcePort]);
        double up, down;
        await using (var stream = await tunnel.ConnectAsync(targets.SinkPort))
        {
            up = (await Measure.UpAsync([stream], () => targets.Sunk, options)).BestRate;
        }

        await using (var stream = await tunnel.ConnectAsync(targets.SourcePort))
        {
            down = (await Measure.DownAsync([stream], options)).BestRate;
        }

        Add(figures, "ssh_tunnel_mb_s", Math.Max(up, down));
        Add(figures, "ssh_tunnel_up_mb_s", up);
        Add(figures, "ssh_tunnel_down_mb_s", down);
        await using var echo = await tunnel.ConnectAsync(targets.EchoPort);
        var samples = await Measure.EchoAsync(echo, options, "through ssh -R");
        Add(figures, "ssh_tunnel_echo_p50_us", Measure.Percentile(samples, 50));
        Add(figures, "ssh_tunnel_echo_p99_us", Measure.Percentile(samples, 99));
    }

    private async Task<RelayByteStream> OpenAsync(int port)
    {
        var http = NewHttp();
        var init = Init(await TokenAsync(), port);
        return new RelayByteStream(http, await OpenAsync(http, init));
    }

    private Task<RelayConnection> OpenAsync(HttpMessageInvoker http, TcpForwardInit init) =>
        Until.EndsAsync(ForwardClient.OpenAsync(http, gateway.Endpoint, gateway.AdminToken, init, Until.Stop), "a relay opens");

    private async Task<string> TokenAsync() => (await Until.EndsAsync(
        gateway.Client.CreateSshSessionAsync(new CreateSshSessionRequest { WorkspaceScope = Scope.Default, Sandbox = sandbox }).ResponseAsync, "a token for a relay is made")).Token;

    private TcpForwardInit Init(string token, int port) => new()
    {
        Workspace = "default",
        Sandbox = sandbox,
        ServiceId = "bench",
        AuthorizationToken = token,
        Tcp = new TcpRelayTarget { Host = "127.0.0.1", Port = (uint)port },
    };

    private static HttpMessageInvoker NewHttp() => new(new SocketsHttpHandler
    {
        InitialHttp2StreamWindowSize = 2 * 1024 * 1024,
        UseProxy = false,
        UseCookies = false,
        ActivityHeadersPropagator = null,
    });

    private static void Add(Dictionary<string, object> figures, string name, double value) => Measure.Add(figures, name, value);
}
