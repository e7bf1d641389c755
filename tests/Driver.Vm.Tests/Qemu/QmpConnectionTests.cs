using System.Net.Sockets;
using OpenShell.Driver.Vm.Qemu;
using OpenShell.Driver.Vm.Tests.Fakes;
using OpenShell.TestKit;

namespace OpenShell.Driver.Vm.Tests.Qemu;

[TestFixture]
internal sealed class QmpConnectionTests
{
    private TestDirectory _directory = null!;

    private string SocketPath => _directory.File("qmp");

    [SetUp]
    public void SetUp() => _directory = new TestDirectory();

    [TearDown]
    public void TearDown() => _directory.Dispose();

    [Test]
    public async Task ConnectAsync_Monitor_NegotiatesFirst()
    {
        await using var monitor = new FakeMonitor(SocketPath);
        await using var connection = await QmpConnection.ConnectAsync(SocketPath, CancellationToken.None);

        Assert.That(monitor.Commands, Is.EqualTo(["qmp_capabilities"]));
    }

    [Test]
    public void ConnectAsync_NobodyListens_Throws()
    {
        Assert.That(() => QmpConnection.ConnectAsync(SocketPath, CancellationToken.None), Throws.InstanceOf<SocketException>());
    }

    [Test]
    public async Task ExecuteAsync_RefusedCommand_ThrowsWithQemusWords()
    {
        await using var monitor = new FakeMonitor(SocketPath);
        await using var connection = await QmpConnection.ConnectAsync(SocketPath, CancellationToken.None);

        await Assert.ThatAsync(() => connection.ExecuteAsync("nonsense", CancellationToken.None), Throws.InstanceOf<QmpException>().With.Message.Contains("nonsense"));
    }

    [Test]
    public async Task Ended_MonitorCloses_CompletesWithTheReasonThatWasSent()
    {
        var monitor = new FakeMonitor(SocketPath);
        await using var connection = await QmpConnection.ConnectAsync(SocketPath, CancellationToken.None);

        await monitor.SendAsync("""{"event": "SHUTDOWN", "data": {"guest": true, "reason": "guest-shutdown"}, "timestamp": {}}""");
        await monitor.DisposeAsync();
        await connection.Ended.WaitAsync(TimeSpan.FromSeconds(10));

        Assert.That(connection.ShutdownReason, Is.EqualTo("guest-shutdown"));
        await Assert.ThatAsync(() => connection.ExecuteAsync("quit", CancellationToken.None), Throws.InstanceOf<QmpException>());
    }

    // A machine's end is watched by one task and asked for by another.
    [Test]
    public async Task ExecuteAsync_DisposedMeanwhile_SaysThatItIsClosed()
    {
        for (var round = 0; round < 100; round++)
        {
            await using var monitor = new FakeMonitor(_directory.File($"qmp{round}"));
            var connection = await QmpConnection.ConnectAsync(_directory.File($"qmp{round}"), CancellationToken.None);
            var start = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            var executing = ExecuteAsync();
            var disposing = DisposeAsync();

            start.SetResult();

            await disposing;
            await executing;

            async Task ExecuteAsync()
            {
                await start.Task;
                try
                {
                    await connection.ExecuteAsync("query-status", CancellationToken.None);
                }
                catch (QmpException)
                {
                    // It came second.
                }
            }

            async Task DisposeAsync()
            {
                await start.Task;
                await connection.DisposeAsync();
            }
        }
    }

    [Test]
    public async Task Ended_MonitorTalksNonsense_Completes()
    {
        await using var monitor = new FakeMonitor(SocketPath);
        await using var connection = await QmpConnection.ConnectAsync(SocketPath, CancellationToken.None);

        await monitor.SendAsync("this is no JSON");

        await Assert.ThatAsync(() => connection.Ended.WaitAsync(TimeSpan.FromSeconds(10)), Throws.Nothing);
    }
}
