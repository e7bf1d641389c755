using Grpc.Core.Interceptors;
using Grpc.Net.Client;
using OpenShell.Protocol.V1;
using Api = OpenShell.Protocol.V1.OpenShell;

namespace OpenShell.Load;

/// <summary>The real gateway as a process.</summary>
internal sealed class GatewayUnderTest : IDisposable
{
    private readonly ChildProcess _process;
    private GrpcChannel? _channel;

    private GatewayUnderTest(ChildProcess process, Uri endpoint) => (_process, Endpoint) = (process, endpoint);

    public Uri Endpoint { get; }

    public int Pid => _process.Pid;

    public string AdminToken { get; private set; } = "";

    public Api.OpenShellClient Client { get; private set; } = null!;

    /// <summary>Where supervisors connect.</summary>
    public static string SupervisorSocket(WorkDirectory work) => work.File("gateway/run/supervisor.sock");

    /// <summary>Over a driver of ours.</summary>
    public static Task<GatewayUnderTest> StartAsync(LoadOptions options, WorkDirectory work, string driverSocket) =>
        StartAsync(options, work, ["--compute-driver-socket", driverSocket]);

    /// <summary>With its own driver, whose machines are emulated.</summary>
    public static Task<GatewayUnderTest> StartWithMachinesAsync(LoadOptions options, WorkDirectory work) =>
        StartAsync(options, work, ["--driver-dir", options.Bin, "--driver-state-dir", work.File("vm"), "--accel", "tcg"]);

    private static async Task<GatewayUnderTest> StartAsync(LoadOptions options, WorkDirectory work, string[] driver)
    {
        var process = new ChildProcess(
            Path.Combine(options.Bin, "openshell-gateway"),
            ["--port", "0", "--state-dir", work.File("gateway"), "--log-level", "warn", .. driver],
            line =>
            {
                if (line.Contains("fail:", StringComparison.Ordinal) || line.StartsWith("openshell-gateway:", StringComparison.Ordinal))
                {
                    Console.Error.WriteLine(line);
                }
            });
        var port = await ListeningPort.FindAsync(process.Pid);
        var gateway = new GatewayUnderTest(process, new Uri($"http://127.0.0.1:{port}"));
        gateway.AdminToken = (await File.ReadAllTextAsync(work.File("gateway/admin.token"))).Trim();
        gateway._channel = GrpcChannel.ForAddress(gateway.Endpoint);
        gateway.Client = new Api.OpenShellClient(gateway._channel.Intercept(metadata =>
        {
            metadata.Add("authorization", $"Bearer {gateway.AdminToken}");
            return metadata;
        }));
        return gateway;
    }

    /// <summary>Sandboxes that are READY, over all pages.</summary>
    public async Task<int> CountReadyAsync()
    {
        const int Page = 1000;
        var request = new ListSandboxesRequest { WorkspaceScope = Scope.Default, PageSize = Page };
        var ready = 0;
        while (true)
        {
            var page = await Until.EndsAsync(Client.ListSandboxesAsync(request).ResponseAsync, "the gateway lists its sandboxes");
            ready += page.Sandboxes.Count(s => s.Status.Phase == SandboxPhase.Ready);
            if (page.NextPageToken.Length == 0)
            {
                return ready;
            }

            request.PageToken = page.NextPageToken;
        }
    }

    public void Kill() => _process.Kill();

    public void Dispose()
    {
        _channel?.Dispose();
        _process.Dispose();
    }
}
