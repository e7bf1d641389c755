using Grpc.Core;
using Microsoft.Extensions.Hosting.Internal;
using Microsoft.Extensions.Logging.Abstractions;
using OpenShell.Gateway.Configuration;
using OpenShell.Gateway.Races;
using OpenShell.Gateway.Sandboxes;
using OpenShell.TestKit;

namespace OpenShell.Gateway.Lifecycle;

/// <summary>The driver's events on their way to the sandboxes.</summary>
internal sealed class DriverWatchLoopTests : RaceTest
{
    private readonly GatewayShutdown _shutdown = new();
    private readonly ApplicationLifetime _lifetime = new(NullLogger<ApplicationLifetime>.Instance);
    private ReconcileLoop _reconciling = null!;
    private StartupRecoveryLoop _startup = null!;
    private DriverWatchLoop _loop = null!;

    // A stop holds its sandbox's lock until the machine is off.
    [Test]
    public async Task Event_AnotherSandboxesStopTakesItsTime_IsAppliedMeanwhile()
    {
        await Gateway.AddSandboxAsync();
        await Gateway.AddSandboxAsync("b");
        await StartLoopAsync();
        await Gateway.ConnectAsync();
        var machine = new SyncPoint();
        Gateway.Driver.BeforeStop = machine.HoldAsync;
        var stopping = Gateway.Lifecycle.StopAsync(await Gateway.GetAsync(), force: false, CancellationToken.None);
        await machine.ReachedAsync("the driver's stop");

        // The first of the two has to wait for the lock; the second must not wait for the first.
        Gateway.Driver.Tell("a", "Starting");
        Gateway.Driver.Tell("b", "ProcessExited");

        await Gateway.BecomesAsync(SandboxPhase.Error, "b");
        Assert.That((await Gateway.GetAsync()).Phase, Is.EqualTo(SandboxPhase.Stopping));
        machine.Release();
        Assert.That((await Eventually.EndsAsync(stopping, "the stop")).Succeeded(out _, out _), Is.True);
    }

    // The word about the failure comes while the start holds the lock.
    [Test]
    public async Task Event_MachineHadFailedBeforeTheStart_IsNotTakenForTheNewBoot()
    {
        await Gateway.AddSandboxAsync(phase: SandboxPhase.Stopped);
        await StartLoopAsync();
        var driver = new SyncPoint();
        Gateway.Driver.BeforeStart = driver.HoldAsync;
        var starting = Gateway.Lifecycle.StartAsync(await Gateway.GetAsync(), CancellationToken.None);
        await driver.ReachedAsync("the driver's start");

        Gateway.Driver.Tell("a", "ProcessExited");
        driver.Release();
        await Eventually.EndsAsync(starting, "the start");

        await Eventually.BecomesTrueAsync(() => Gateway.Driver.Calls.Contains("get a"), "the gateway asks for the driver's present word");
        using var held = await Eventually.EndsAsync(Gateway.Locks.EnterAsync("a", CancellationToken.None), "the look");
        Assert.That((await Gateway.GetAsync()).Phase, Is.EqualTo(SandboxPhase.Starting));
    }

    [Test]
    public async Task Watch_Breaks_IsBegunAgain()
    {
        await Gateway.AddSandboxAsync();
        Gateway.Driver.BeforeWatch = () =>
        {
            Gateway.Driver.BeforeWatch = null;
            throw new RpcException(new Status(StatusCode.Unavailable, "the driver goes down"));
        };
        await StartLoopAsync();

        Gateway.Driver.Tell("a", "ProcessExited");

        await Gateway.BecomesAsync(SandboxPhase.Error);
        Assert.That(Gateway.Driver.Calls.Count(c => c == "watch"), Is.EqualTo(2));
    }

    // Its machines are powered off then, and are not to be recorded as if they had failed.
    [Test]
    public async Task Shutdown_Begins_EndsTheLoop()
    {
        await Gateway.AddSandboxAsync();
        await StartLoopAsync();

        _shutdown.Begin();

        await Eventually.EndsAsync(_loop.ExecuteTask!, "the loop");
    }

    [TearDown]
    public async Task StopLoopAsync()
    {
        await _loop.StopAsync(CancellationToken.None);
        await _startup.StopAsync(CancellationToken.None);
        _loop.Dispose();
        _reconciling.Dispose();
        _startup.Dispose();
        _shutdown.Dispose();
    }

    private async Task StartLoopAsync()
    {
        _startup = new StartupRecoveryLoop(
            Gateway.Client, Gateway.Recovery, _shutdown, _lifetime, Gateway.Time, NullLogger<StartupRecoveryLoop>.Instance);
        var strays = new StrayMachines(
            Gateway.Directory,
            Gateway.Client,
            Gateway.Locks,
            Gateway.Notes,
            new GatewayOptions { StateDirectory = "", Database = new DatabaseUrl((string?)null) },
            Gateway.Time);
        _reconciling = new ReconcileLoop(Gateway.Comparison, strays, _startup, Gateway.Time, NullLogger<ReconcileLoop>.Instance);
        _loop = new DriverWatchLoop(
            Gateway.Client, Gateway.Reconciler, _reconciling, Gateway.Events, _startup, NullLogger<DriverWatchLoop>.Instance);
        _lifetime.NotifyStarted();
        await _startup.StartAsync(CancellationToken.None);
        await _loop.StartAsync(CancellationToken.None);
        await Eventually.BecomesTrueAsync(() => Gateway.Driver.Calls.Contains("watch"), "the watch begins");
    }
}
