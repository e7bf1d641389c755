using Google.Protobuf;
using Grpc.Core;
using OpenShell.Protocol.V1;
using OpenShell.TestKit;

namespace OpenShell.Functional;

/// <summary>More than what fits: opens beyond the limit, relays that nobody reads, many streams.</summary>
public sealed class LoadFaultTests : FaultTest
{
    // Sessions must outlive the time that the supervisor stands still.
    protected override string[] GatewayArguments => ["--heartbeat-interval", "60"];

    // How many fit is tested where the clock stands still (RelayBrokerTests). Here it may be so slow that an open waits longer
    // for its claim than it may; then its place is another's.
    [Test]
    public async Task SixtyFourOpens_SupervisorDoesNotClaim_ThoseThatDoNotFitAreRefusedAndOthersUnharmed()
    {
        var before = await DescriptorsAsync();
        Machine.Signal("STOP");
        var calls = Enumerable.Range(0, 64).Select(_ => EndAsync()).ToList();
        await Eventually.BecomesTrueAsync(() => calls.Count(c => c.IsCompleted) >= 32, "32 calls are refused");
        var ended = calls.Where(c => c.IsCompleted).Select(c => c.Result).ToList();

        Machine.Signal("CONT");

        Assert.That(ended.Select(r => r.StatusCode), Is.All.EqualTo(StatusCode.ResourceExhausted).Or.EqualTo(StatusCode.DeadlineExceeded));
        Assert.That(ended.Where(r => r.StatusCode == StatusCode.ResourceExhausted).Select(r => r.Detail), Is.All.Contain("32 in flight").And.Not.Empty);
        var all = await Eventually.EndsAsync(Task.WhenAll(calls), "all calls");
        Assert.That(all.Select(s => s.StatusCode), Is.All.EqualTo(StatusCode.OK).Or.EqualTo(StatusCode.ResourceExhausted).Or.EqualTo(StatusCode.DeadlineExceeded));
        await RecoversAsync();
        await ReturnsToAsync(before.Gateway, before.Supervisor);
    }

    [Test]
    public async Task FortyUnreadRelaysInEachDirection_AnotherOne_StillEchoes()
    {
        var before = await DescriptorsAsync();
        using var over = new CancellationTokenSource();
        using var channel = Gateway.NewChannel();
        var client = Gateway.ClientOf(channel);
        using var live = Gateway.Client.ExecSandboxInteractive(cancellationToken: over.Token);
        await live.RequestStream.WriteAsync(new ExecSandboxInput { Start = Request("cat") });
        await EchoAsync(live);
        var calls = new List<IDisposable>();
        var writers = new List<Task>();
        for (var i = 0; i < 40; i++)
        {
            calls.Add(client.ExecSandbox(Request("cat", "/dev/zero"), cancellationToken: over.Token));
            var full = client.ExecSandboxInteractive(cancellationToken: over.Token);
            await full.RequestStream.WriteAsync(new ExecSandboxInput { Start = Request("sleep", "1000") });
            calls.Add(full);
            writers.Add(FillAsync(full.RequestStream, over.Token));
        }

        await Eventually.BecomesTrueAsync(() => Machine.Children.Count == 81, "81 commands run");
        for (var i = 0; i < 100; i++)
        {
            await EchoAsync(live);
        }

        await over.CancelAsync();
        calls.ForEach(c => c.Dispose());
        await Eventually.EndsAsync(Task.WhenAll(writers), "the writers");
        channel.Dispose();
        await RecoversAsync();
        await ReturnsToAsync(before.Gateway, before.Supervisor);
    }

    [TestCase(101)]
    [TestCase(1001)]
    public async Task ManyStreams_OnOneConnection_AllAreServed(int count)
    {
        var before = await DescriptorsAsync();
        using var handler = new SocketsHttpHandler { EnableMultipleHttp2Connections = false };
        using var channel = Gateway.NewChannel(handler);
        var client = Gateway.ClientOf(channel);
        var watches = Enumerable.Range(0, count)
            .Select(_ => client.WatchSandbox(new WatchSandboxRequest { WorkspaceScope = Scope.Default, Sandbox = Name, FollowStatus = true })).ToList();

        var first = await Eventually.EndsAsync(
            Task.WhenAll(watches.Select(w => w.ResponseStream.MoveNext(CancellationToken.None))), $"{count} first events");

        Assert.That(first, Is.All.True);
        var outcome = client.GetSandbox(new GetSandboxRequest { WorkspaceScope = Scope.Default, Name = Name }, deadline: DateTime.UtcNow + Eventually.Timeout);
        Assert.That(outcome.Sandbox.Metadata.Id, Is.EqualTo(Id));
        watches.ForEach(w => w.Dispose());
        channel.Dispose();
        handler.Dispose();
        await ReturnsToAsync(before.Gateway, before.Supervisor);
    }

    private async Task<Status> EndAsync()
    {
        try
        {
            var outcome = await Gateway.ExecAsync(Request("true"));
            return new Status(outcome.Exit!.ExitCode == 0 ? StatusCode.OK : StatusCode.Unknown, "");
        }
        catch (RpcException e)
        {
            return e.Status;
        }
    }

    private static async Task EchoAsync(AsyncDuplexStreamingCall<ExecSandboxInput, ExecSandboxEvent> call)
    {
        await Eventually.EndsAsync(
            call.RequestStream.WriteAsync(new ExecSandboxInput { Stdin = ByteString.CopyFromUtf8("x") }), "the write of a byte");
        do
        {
            Assert.That(await Eventually.EndsAsync(call.ResponseStream.MoveNext(CancellationToken.None), "the echo of a byte"), Is.True);
        }
        while (call.ResponseStream.Current.PayloadCase != ExecSandboxEvent.PayloadOneofCase.Stdout);
    }

    private static async Task FillAsync(IClientStreamWriter<ExecSandboxInput> stream, CancellationToken cancellationToken)
    {
        var piece = new ExecSandboxInput { Stdin = ByteString.CopyFrom(new byte[256 * 1024]) };
        try
        {
            while (true)
            {
                await stream.WriteAsync(piece, cancellationToken);
            }
        }
        catch (Exception e) when (e is OperationCanceledException or RpcException or InvalidOperationException)
        {
            // The end of the test.
        }
    }
}
