using System.Net.Sockets;
using Grpc.Net.Client;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using OpenShell.Driver.Kit.Hosting;
using OpenShell.Driver.Kit.Watch;
using OpenShell.Linux.Sockets;
using OpenShell.Protocol.Compute.V1;
using OpenShell.TestKit;

namespace OpenShell.Driver.Kit.Tests.Hosting;

[TestFixture]
internal sealed class DriverServerTests
{
    private const UnixFileMode OwnerFile = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private TestDirectory _directory = null!;
    private DriverServerOptions _options = null!;
    private WebApplication _app = null!;
    private Task _running = null!;
    private GrpcChannel _channel = null!;
    private ComputeDriver.ComputeDriverClient _client = null!;

    [SetUp]
    public async Task SetUp()
    {
        _directory = new TestDirectory();
        _options = new DriverServerOptions { SocketPath = _directory.File("d/driver.sock"), LogLevel = LogLevel.Error, EndWithStandardInput = false };
        Assert.That(await DriverServer.PrepareAsync(_options), Is.Null);
        _app = DriverServer.Build<EmptyDriver>(_options, _ => { });
        _running = DriverServer.RunAsync(_app, _options, known: 0, CancellationToken.None);
        _channel = GrpcChannel.ForAddress("http://driver", new GrpcChannelOptions
        {
            DisposeHttpClient = true,
            HttpHandler = new SocketsHttpHandler
            {
                ConnectCallback = async (_, cancellationToken) =>
                    new NetworkStream(await UnixDial.ConnectAsync(_options.SocketPath, cancellationToken), ownsSocket: true),
            },
        });
        _client = new ComputeDriver.ComputeDriverClient(_channel);
        await Eventually.BecomesTrueAsync(() => File.Exists(_options.SocketPath) && File.GetUnixFileMode(_options.SocketPath) == OwnerFile, "the socket is closed to others");
    }

    [TearDown]
    public async Task TearDown()
    {
        _channel.Dispose();
        _app.Lifetime.StopApplication();
        await Eventually.EndsAsync(_running, "the server ends");
        await _app.DisposeAsync();
        _directory.Dispose();
    }

    [Test]
    public async Task RunAsync_ThisUser_IsServed()
    {
        Assert.That((await _client.GetCapabilitiesAsync(new GetCapabilitiesRequest())).DriverName, Is.EqualTo("empty"));
    }

    [Test]
    public async Task RunAsync_Notice_ReachesAWatcher()
    {
        using var watch = _client.WatchSandboxes(new WatchSandboxesRequest());
        var next = watch.ResponseStream.MoveNext(CancellationToken.None);
        var hub = _app.Services.GetRequiredService<WatchHub>();
        // The watcher is there once an event comes through.
        await Eventually.BecomesTrueAsync(
            () =>
            {
                hub.Publish(new SandboxNotice("a", DateTimeOffset.UnixEpoch, IsWarning: true, "Reason", "message", new Dictionary<string, string>()));
                return next.IsCompleted;
            },
            "an event arrives");

        Assert.That(watch.ResponseStream.Current.PlatformEvent.Event.Type, Is.EqualTo("Warning"));
        Assert.That(watch.ResponseStream.Current.PlatformEvent.Event.Source, Is.EqualTo("empty"));
    }

    [Test]
    public async Task RunAsync_Stops_EndsWatchesInOrder()
    {
        using var watch = _client.WatchSandboxes(new WatchSandboxesRequest());
        // The same connection carries both, the watch first.
        await _client.GetCapabilitiesAsync(new GetCapabilitiesRequest());

        _app.Lifetime.StopApplication();

        var next = watch.ResponseStream.MoveNext(CancellationToken.None);
        await Eventually.EndsAsync(next, "the watch ends");
        Assert.That(await next, Is.False);
    }
}
