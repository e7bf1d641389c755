using System.Collections.Concurrent;
using OpenShell.Protocol;
using OpenShell.Supervisor.Exec;
using OpenShell.Supervisor.Gateway;
using OpenShell.Supervisor.Login;
using OpenShell.Supervisor.Logs;
using OpenShell.Supervisor.MainProcess;
using OpenShell.Supervisor.Relays;
using OpenShell.Supervisor.Sessions;
using OpenShell.Supervisor.Tests.Fakes;

namespace OpenShell.Supervisor.Tests.Sessions;

/// <summary>The pauses between a supervisor's sessions.</summary>
public sealed class ReconnectLoopTests
{
    private static readonly TimeSpan First = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(5);

    private readonly SupervisorLog _log = new();
    private DirectoryInfo _directory = null!;
    private PauseTime _time = null!;
    private FakeGateway _gateway = null!;

    [SetUp]
    public async Task StartGatewayAsync()
    {
        _directory = Directory.CreateTempSubdirectory("os");
        _time = new PauseTime();
        _gateway = await FakeGateway.StartAsync(Path.Combine(_directory.FullName, "g"));
    }

    [TearDown]
    public async Task StopGatewayAsync()
    {
        await _gateway.DisposeAsync();
        _directory.Delete(recursive: true);
    }

    // A rejection is no reason to give up: the gateway may be about to learn of the sandbox.
    [Test]
    public async Task Run_Rejections_PausesGrowAndASessionMakesThemShortAgain()
    {
        using var stopping = new CancellationTokenSource();
        _gateway.Rejection = "not now";
        var running = RunAsync(stopping.Token);
        await TestEngine.UntilAsync(() => _time.Pauses.Count >= 40, "The supervisor gave up.");
        _gateway.Rejection = null;
        var session = await _gateway.WaitForSessionAsync();

        var pauses = _time.Pauses.ToArray();
        for (var i = 0; i < pauses.Length; i++)
        {
            var bound = i < 7 ? First * (1 << i) : Longest;
            Assert.That(pauses[i], Is.LessThanOrEqualTo(bound), $"pause {i}");
        }

        // Each is a random part of its bound: that more than thirty of them are all in the lowest tenth does not happen.
        Assert.That(pauses.Max(), Is.GreaterThan(Longest / 10));
        session.End.TrySetResult();
        await TestEngine.UntilAsync(() => _time.Pauses.Count > pauses.Length, "The supervisor did not pause after its session.");
        Assert.That(_time.Pauses.ElementAt(pauses.Length), Is.LessThanOrEqualTo(First));

        await stopping.CancelAsync();
        await running.WaitAsync(TestEngine.Timeout);
        Assert.That(
            _log.Outbox.Take(1000).Count(l => l.Message == "session ended: rejected: not now"), Is.EqualTo(1), "the same failure many times over is one line");
    }

    [Test]
    public async Task Run_StoppedInASession_Ends()
    {
        using var stopping = new CancellationTokenSource();
        var running = RunAsync(stopping.Token);
        var session = await _gateway.WaitForSessionAsync();

        await stopping.CancelAsync();

        await running.WaitAsync(TestEngine.Timeout);
        await session.Ended.Task.WaitAsync(TestEngine.Timeout);
        Assert.That(_time.Pauses, Is.Empty);
    }

    private async Task RunAsync(CancellationToken stopping)
    {
        Assert.That(DialEndpoint.TryParse($"unix:{_directory.FullName}/g", out var endpoint, out var error), Is.True, error);
        var dialer = new GatewayDialer(endpoint!);
        var token = new SandboxToken(FakeGateway.Token);
        using var connections = new RelayConnections(dialer);
        using var detached = new DetachedProcesses(_time);
        using var logins = new LoginEnvironments(new LoginShell(TestEngine.Launcher, _time).ReadAsync, TestEngine.Planner, "/etc", _log, _time);
        using var main = new MainProcessRunner(TestEngine.Launcher, ["true"], terminal: false, awaitsAttachment: false, _log, _time);
        var targets = new RelayEndpoints(new ExecRelay(TestEngine.Launcher, main, detached, logins, _time), sshSocketPath: null, new SocketDialer(_time), _time);
        var relays = new ActiveRelays(targets, connections, token, _log, _time);
        var identity = new SessionIdentity("sandbox-1", "boot-1", "1");
        await new ReconnectLoop(dialer, () => new GatewaySession(identity, token, relays, null, _log, _time), _log, _time).RunAsync(stopping);
    }

    /// <summary>Keeps the pauses and lets none of them last. All other timers of a session are longer.</summary>
    private sealed class PauseTime : TimeProvider
    {
        public ConcurrentQueue<TimeSpan> Pauses { get; } = [];

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            if (period != Timeout.InfiniteTimeSpan || dueTime < TimeSpan.Zero || dueTime > Longest)
            {
                return base.CreateTimer(callback, state, dueTime, period);
            }

            Pauses.Enqueue(dueTime);
            return base.CreateTimer(callback, state, TimeSpan.Zero, period);
        }
    }
}
