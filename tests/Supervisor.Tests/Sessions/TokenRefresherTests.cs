using System.Collections.Concurrent;
using Google.Protobuf.WellKnownTypes;
using OpenShell.Protocol;
using OpenShell.Protocol.V1;
using OpenShell.Supervisor.Gateway;
using OpenShell.Supervisor.Logs;
using OpenShell.Supervisor.Sessions;
using OpenShell.Supervisor.Tests.Fakes;
using OpenShell.Supervisor.Tests.Gateway;

namespace OpenShell.Supervisor.Tests.Sessions;

/// <summary>RefreshSandboxToken at about 80 % of a token's life.</summary>
public sealed class TokenRefresherTests
{
    private DirectoryInfo _directory = null!;
    private FakeGateway _gateway = null!;

    [SetUp]
    public async Task StartGatewayAsync()
    {
        _directory = Directory.CreateTempSubdirectory("os");
        _gateway = await FakeGateway.StartAsync(Path.Combine(_directory.FullName, "g"));
    }

    [TearDown]
    public async Task StopGatewayAsync()
    {
        await _gateway.DisposeAsync();
        _directory.Delete(recursive: true);
    }

    [Test]
    public async Task Run_TokenSaysHowLongItLives_ComesAgainAfterFourFifths()
    {
        _gateway.Refresh = () => new RefreshSandboxTokenResponse { Token = TokenClaimsTests.Token("""{"iat":1000,"exp":2000}""") };

        Assert.That(await WaitAfterTheFirstAsync(), Is.EqualTo(TimeSpan.FromSeconds(800)));
    }

    [Test]
    public async Task Run_OpaqueToken_GoesByTheTimeOfTheAnswer()
    {
        _gateway.Refresh = () => new RefreshSandboxTokenResponse
        {
            Token = "opaque",
            ExpirationTime = Timestamp.FromDateTimeOffset(TimeProvider.System.GetUtcNow() + TimeSpan.FromHours(10)),
        };

        Assert.That((await WaitAfterTheFirstAsync()).TotalHours, Is.EqualTo(8).Within(0.01));
    }

    [Test]
    public async Task Run_NoEnd_IsDone()
    {
        using var channel = Dial();
        var token = new SandboxToken("old");

        await new TokenRefresher(token, new SupervisorLog(), new WaitTime()).RunAsync(channel, CancellationToken.None).WaitAsync(TestEngine.Timeout);

        Assert.That(token.Value, Is.EqualTo(FakeGateway.Token));
    }

    private async Task<TimeSpan> WaitAfterTheFirstAsync()
    {
        using var ended = new CancellationTokenSource();
        using var channel = Dial();
        var time = new WaitTime();
        var running = new TokenRefresher(new SandboxToken("old"), new SupervisorLog(), time).RunAsync(channel, ended.Token);
        await TestEngine.UntilAsync(() => !time.Waits.IsEmpty, "It does not wait for the next time.");
        await ended.CancelAsync();
        await Assert.ThatAsync(() => running, Throws.InstanceOf<OperationCanceledException>());
        return time.Waits.Single();
    }

    private Grpc.Net.Client.GrpcChannel Dial()
    {
        Assert.That(DialEndpoint.TryParse($"unix:{_directory.FullName}/g", out var endpoint, out var error), Is.True, error);
        return new GatewayDialer(endpoint!).CreateChannel();
    }

    /// <summary>Keeps how long somebody waits.</summary>
    private sealed class WaitTime : TimeProvider
    {
        public ConcurrentQueue<TimeSpan> Waits { get; } = [];

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            Waits.Enqueue(dueTime);
            return base.CreateTimer(callback, state, dueTime, period);
        }
    }
}
