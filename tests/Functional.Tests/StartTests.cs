using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Grpc.Core;
using Grpc.Health.V1;
using Grpc.Reflection.V1Alpha;
using OpenShell.TestKit;

namespace OpenShell.Functional;

/// <summary>How a gateway comes up, says that it is well, and says what is wrong when it cannot.</summary>
public sealed class StartTests
{
    private TestDirectory _directory = null!;

    [SetUp]
    public void MakeDirectory() => _directory = new TestDirectory();

    [TearDown]
    public void RemoveDirectory() => _directory.Dispose();

    [Test]
    public async Task Health_EveryDoor_SaysHealthy()
    {
        var port = FreePort();
        await using var gateway = await GatewayProcess.StartAsync(
            _directory, "--compute-driver-socket", _directory.File("none.sock"), "--health-port", $"{port}");
        using var http = new HttpClient();
        Assert.That((await http.GetAsync(new Uri($"http://127.0.0.1:{port}/healthz"))).StatusCode, Is.EqualTo(HttpStatusCode.OK));
        var ready = await http.GetStringAsync(new Uri($"http://127.0.0.1:{port}/readyz"));
        Assert.That(ready, Does.Contain("\"status\":\"healthy\"").And.Contain("\"database\""));
        using var channel = gateway.AnonymousChannel();
        var check = await new Health.HealthClient(channel).CheckAsync(new HealthCheckRequest());
        Assert.That(check.Status, Is.EqualTo(HealthCheckResponse.Types.ServingStatus.Serving));
        Assert.That(await File.ReadAllTextAsync($"/proc/{gateway.Pid}/maps"), Does.Not.Contain("OpenTelemetry"), "what is not exported is not loaded");
    }

    [Test]
    public async Task Reflection_WithAToken_NamesTheServicesAndWithoutOneNothing()
    {
        await using var gateway = await GatewayProcess.StartAsync(_directory, "--compute-driver-socket", _directory.File("none.sock"));
        var bearer = new Metadata { { "authorization", $"Bearer {gateway.AdminToken}" } };

        Assert.That(
            await ServicesAsync(gateway, bearer),
            Is.EquivalentTo(new[] { "grpc.health.v1.Health", "grpc.reflection.v1.ServerReflection", "grpc.reflection.v1alpha.ServerReflection", "openshell.extensions.v1.SshAccess", "openshell.v1.OpenShell" }));
        var refused = await Assert.ThrowsAsync<RpcException>(() => ServicesAsync(gateway, []));
        Assert.That(refused!.StatusCode, Is.EqualTo(StatusCode.Unauthenticated));
    }

    [Test]
    public async Task Start_PortInUse_OneLineThatNamesIt()
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        var port = ((IPEndPoint)taken.LocalEndpoint).Port;
        var (exitCode, error) = await RunAsync("--port", $"{port}", "--compute-driver-socket", _directory.File("none.sock"));
        Assert.That(exitCode, Is.EqualTo(1));
        Assert.That(error.Trim(), Is.EqualTo($"openshell-gateway: 127.0.0.1:{port} is in use; stop what listens there or give another --port"));
    }

    [Test]
    public async Task Start_SshPortInUse_OneLineThatNamesItAndItsOption()
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        var (exitCode, error) = await RunAsync("--port", "0", "--ssh-bind", $"{taken.LocalEndpoint}", "--compute-driver-socket", _directory.File("none.sock"));
        Assert.That(exitCode, Is.EqualTo(1));
        Assert.That(error.Trim(), Does.EndWith($"openshell-gateway: {taken.LocalEndpoint} is in use; stop what listens there or give another --ssh-bind"));
    }

    [Test]
    public async Task Start_DatabaseNotWritable_OneLineThatNamesIt()
    {
        var (exitCode, error) = await RunAsync("--db-url", "sqlite:/proc/none/openshell.db", "--compute-driver-socket", _directory.File("none.sock"));
        Assert.That(exitCode, Is.EqualTo(1));
        Assert.That(error, Does.Contain("/proc/none/openshell.db").And.Contain("--db-url"));
        Assert.That(error.Trim(), Does.Not.Contain("\n"));
    }

    [Test]
    public async Task Start_StateDirectoryInUse_OneLineThatNamesIt()
    {
        await using var first = await GatewayProcess.StartAsync(_directory, "--compute-driver-socket", _directory.File("none.sock"));
        var (exitCode, error) = await RunAsync("--compute-driver-socket", _directory.File("none.sock"));
        Assert.That(exitCode, Is.EqualTo(1));
        Assert.That(error, Does.Contain($"another gateway is using the state directory {_directory.File("gateway")}"));
    }

    [TestCase("--port", "x", "--port 'x' is not a port")]
    [TestCase("--db-url", "mysql:x", "--db-url 'mysql:x' is not")]
    [TestCase("--bind-address", "nowhere", "--bind-address 'nowhere' is not an IP address")]
    [TestCase("--bogus", "1", "--bogus")]
    public async Task Start_BadOption_UsageErrorThatNamesIt(string option, string value, string message)
    {
        var (exitCode, error) = await RunAsync(option, value);
        Assert.That(exitCode, Is.EqualTo(2));
        Assert.That(error, Does.Contain(message));
    }

    [Test]
    public async Task Start_UnauthenticatedUsersBeyondLoopback_IsRefused()
    {
        var (exitCode, error) = await RunAsync("--allow-unauthenticated-users", "--bind-address", "0.0.0.0");
        Assert.That(exitCode, Is.EqualTo(2));
        Assert.That(error, Does.Contain("needs a loopback --bind-address"));
    }

    private async Task<(int ExitCode, string Error)> RunAsync(params string[] arguments)
    {
        using var process = new Process
        {
            StartInfo = new ProcessStartInfo(
                TestPaths.Program("openshell-gateway"),
                ["--state-dir", _directory.File("gateway"), .. arguments.Contains("--port") ? [] : new[] { "--port", "0" }, .. arguments])
            {
                RedirectStandardError = true,
            }.WithoutDiagnosticPipes(),
        };
        process.Start();
        var error = process.StandardError.ReadToEndAsync();
        await Eventually.EndsAsync(process.WaitForExitAsync(), "the gateway exits");
        return (process.ExitCode, await error);
    }

    private static async Task<string[]> ServicesAsync(GatewayProcess gateway, Metadata headers)
    {
        using var channel = gateway.AnonymousChannel();
        using var call = new ServerReflection.ServerReflectionClient(channel).ServerReflectionInfo(headers);
        await call.RequestStream.WriteAsync(new ServerReflectionRequest { ListServices = "" });
        await Eventually.EndsAsync(call.ResponseStream.MoveNext(CancellationToken.None), "the services are listed");
        return [.. call.ResponseStream.Current.ListServicesResponse.Service.Select(service => service.Name).Distinct()];
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
