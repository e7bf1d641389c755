using System.Collections.Concurrent;
using System.Diagnostics;
using Microsoft.AspNetCore.Builder;
using OpenShell.Protocol.V1;
using DriverSandbox = OpenShell.Protocol.Compute.V1.DriverSandbox;

namespace OpenShell.Load;

/// <summary>A gateway, as many sandboxes, and a stub of a supervisor for each.</summary>
internal sealed class Fleet : IAsyncDisposable
{
    private const int CreateConcurrency = 32;

    private readonly LoadOptions _options;
    private readonly int _count;
    private readonly WorkDirectory _work = new();
    private readonly ConcurrentBag<DriverSandbox> _sandboxes = [];
    private readonly CancellationTokenSource _stop = new();
    private readonly Counter _accepted = new();
    private Task _stubs = Task.CompletedTask;
    private WebApplication _driver = null!;

    private Fleet(LoadOptions options, int count) => (_options, _count) = (options, count);

    public GatewayUnderTest Gateway { get; private set; } = null!;

    /// <summary>Sessions that are accepted now.</summary>
    public long Accepted => _accepted.Value;

    private string DriverSocket => _work.File("driver.sock");

    /// <summary>Starts a gateway and creates the sandboxes.</summary>
    public static async Task<Fleet> StartAsync(LoadOptions options, int count)
    {
        var fleet = new Fleet(options, count);
        fleet._driver = await LoadDriver.StartAsync(fleet.DriverSocket, fleet._sandboxes.Add);
        fleet.Gateway = await GatewayUnderTest.StartAsync(options, fleet._work, fleet.DriverSocket);
        var begun = Stopwatch.GetTimestamp();
        await Parallel.ForAsync(0, count, new ParallelOptions { MaxDegreeOfParallelism = CreateConcurrency }, async (i, token) =>
            await Until.EndsAsync(
                fleet.Gateway.Client.CreateSandboxAsync(new CreateSandboxRequest { WorkspaceScope = Scope.Default, Spec = new SandboxSpec(), Name = $"s{i}" }, cancellationToken: token).ResponseAsync,
                "a sandbox is created"));
        await Console.Error.WriteLineAsync($"{count} sandboxes created in {Stopwatch.GetElapsedTime(begun)}");
        return fleet;
    }

    /// <summary>Starts the stubs and waits until every sandbox is READY.</summary>
    public async Task ConnectAsync()
    {
        var begun = Stopwatch.GetTimestamp();
        var socket = GatewayUnderTest.SupervisorSocket(_work);
        _stubs = Task.WhenAll(_sandboxes.Select(s => new SupervisorStub(s, socket, _accepted).RunAsync(_stop.Token)));
        await AllReadyAsync();
        await Console.Error.WriteLineAsync($"{_count} sessions ready in {Stopwatch.GetElapsedTime(begun)}");
    }

    public async Task AllReadyAsync()
    {
        await Until.TrueAsync(() => Task.FromResult(Accepted == _count), $"all {_count} sessions are accepted");
        await Until.TrueAsync(async () => await Gateway.CountReadyAsync() == _count, $"all {_count} sandboxes are Ready");
    }

    public async Task RestartGatewayAsync()
    {
        Gateway.Dispose();
        Gateway = await GatewayUnderTest.StartAsync(_options, _work, DriverSocket);
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _stubs.WaitAsync(Until.Limit).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        Gateway.Dispose();
        using var now = new CancellationTokenSource(TimeSpan.FromSeconds(1));
        await _driver.StopAsync(now.Token);
        await _driver.DisposeAsync();
        _stop.Dispose();
        _work.Dispose();
    }
}
