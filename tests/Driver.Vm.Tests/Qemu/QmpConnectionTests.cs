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
        await connection.Ended.WaitAsync(Eventually.Timeout);

        Assert.That(connection.ShutdownReason, Is.EqualTo("guest-shutdown"));
        await Assert.ThatAsync(() => connection.ExecuteAsync("quit", CancellationToken.None), Throws.InstanceOf<QmpException>());
    }

    // A machine's end is watched by one task and asked for by another.
    [Test]
    public async Task ExecuteAsync_DisposedWhileItWaits_SaysThatItIsClosed()
    {
        using var disposed = new ManualResetEventSlim();
        var asked = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var monitor = new FakeMonitor(SocketPath)
        {
            OnQuit = () =>
            {
                asked.SetResult();
                disposed.Wait(Eventually.Timeout);
            },
        };
        var connection = await QmpConnection.ConnectAsync(SocketPath, CancellationToken.None);
        var executing = connection.ExecuteAsync("quit", CancellationToken.None);
        await Eventually.EndsAsync(asked.Task, "the command arrives");

        await connection.DisposeAsync();
        disposed.Set();

        await Assert.ThatAsync(() => Eventually.EndsAsync(executing, "the command ends"), Throws.InstanceOf<QmpException>());
    }

    [Test]
    public async Task ExecuteAsync_Disposed_SaysThatItIsClosed()
    {
        await using var monitor = new FakeMonitor(SocketPath);
        var connection = await QmpConnection.ConnectAsync(SocketPath, CancellationToken.None);
        await connection.DisposeAsync();

        await Assert.ThatAsync(() => connection.ExecuteAsync("query-status", CancellationToken.None), Throws.InstanceOf<QmpException>());
    }

    [Test]
    public async Task Ended_MonitorTalksNonsense_Completes()
    {
        await using var monitor = new FakeMonitor(SocketPath);
        await using var connection = await QmpConnection.ConnectAsync(SocketPath, CancellationToken.None);

        await monitor.SendAsync("this is no JSON");

        await Assert.ThatAsync(() => connection.Ended.WaitAsync(Eventually.Timeout), Throws.Nothing);
    }
}
