using System.Buffers;
using Grpc.Core;
using OpenShell.Gateway.Logs;
using OpenShell.Gateway.Sessions;
using OpenShell.Protocol.Outcomes;
using OpenShell.Protocol.Relay;
using OpenShell.TestKit;

namespace OpenShell.Gateway.Relays;

public class RelayStreamEndpointTests
{
    private RelayEndpointHost _host = null!;

    [SetUp]
    public async Task SetUpAsync() => _host = await RelayEndpointHost.StartAsync(new RelayOptions { MaxActivePerSandbox = 2, CloseTimeout = TimeSpan.FromMilliseconds(300) });

    [TearDown]
    public async Task TearDownAsync()
    {
        await _host.DisposeAsync();
        Assert.That(_host.Defect, Is.Null, "the endpoint threw");
    }

    [TestCase(new byte[0], "3 empty RelayStream")]
    [TestCase(new byte[] { 0, 0, 0, 0, 3, 0x12, 1, 5 }, "3 first RelayFrame must be init with non-empty channel_id")]
    [TestCase(new byte[] { 0, 0, 0, 0, 2, 0x0A, 0 }, "3 first RelayFrame must be init with non-empty channel_id")]
    [TestCase(new byte[] { 0, 0, 0, 0, 2, 0x12, 9 }, "3 A relay frame cannot be parsed.")]
    [TestCase(new byte[] { 0, 0xFF, 0xFF, 0xFF, 0xFF }, "3 A relay frame of 4294967295 bytes is larger than 4194304.")]
    [TestCase(new byte[] { 0, 0, 0 }, "3 The relay ended in the middle of a frame.")]
    public async Task ServeAsync_BadFirstFrame_IsRefused(byte[] body, string answer) =>
        Assert.That(await Eventually.EndsAsync(_host.CallAsync(body), "the answer"), Is.EqualTo(answer));

    [Test]
    public Task ServeAsync_UnknownChannel_IsNotFound() =>
        AssertRefusedAsync("nothing", StatusCode.NotFound, "unknown or expired relay channel");

    [Test]
    public async Task ServeAsync_OtherSandboxesChannel_IsDeniedAndStaysClaimable()
    {
        var pending = _host.Pending("b");
        _host.Events.Open("a");

        await AssertRefusedAsync(pending.ChannelId, StatusCode.PermissionDenied, "cross-sandbox access denied: principal does not own this sandbox");

        Assert.That((_host.Table.PendingCount, pending.Opened.IsCompleted), Is.EqualTo((1, false)));
        var line = _host.Events.Tail("a", LogFilter.All, 10).Lines.Single();
        Assert.That(line.Message, Is.EqualTo("relay refused: cross-sandbox access denied: principal does not own this sandbox"));
        Assert.That(line.Fields, Does.Contain(KeyValuePair.Create("activity_id", "5")));
    }

    [Test]
    public async Task ServeAsync_ClaimAfterTheDeadline_BothSidesHear()
    {
        var pending = _host.Pending(age: TimeSpan.FromSeconds(11));

        await AssertRefusedAsync(pending.ChannelId, StatusCode.DeadlineExceeded, "relay channel timed out");

        Assert.That((await FailureAsync(pending)).Kind, Is.EqualTo(FailureKind.DeadlineExceeded));
    }

    [Test]
    public async Task ServeAsync_ActiveLimitReached_BothSidesHear()
    {
        var pending = Enumerable.Range(0, 3).Select(_ => _host.Pending()).ToList();
        await using var first = await ClaimAsync(pending[0]);
        await using var second = await ClaimAsync(pending[1]);

        await AssertRefusedAsync(pending[2].ChannelId, StatusCode.ResourceExhausted, "active relay limit reached (--max-relays, --max-relays-per-sandbox)");

        Assert.That(await FailureAsync(pending[2]), Is.EqualTo(new Failure(FailureKind.ResourceExhausted, "active relay limit reached (--max-relays, --max-relays-per-sandbox)")));
        foreach (var relay in pending.Take(2))
        {
            await (await OpenedAsync(relay)).DisposeAsync();
        }
    }

    [Test]
    public async Task Relay_BothDirections_CarryBytesAndHalfClose()
    {
        var pending = _host.Pending();
        await using var supervisor = await ClaimAsync(pending);
        await using var caller = await OpenedAsync(pending);

        await SendAsync(caller, [1, 2]);
        await caller.CompleteWritesAsync(CancellationToken.None);
        Assert.That(await ReadToEndAsync(supervisor), Is.EqualTo(new byte[] { 1, 2 }));
        await SendAsync(supervisor, [3, 4]);
        await supervisor.CompleteWritesAsync(CancellationToken.None);

        Assert.That(await ReadToEndAsync(caller), Is.EqualTo(new byte[] { 3, 4 }));
    }

    [Test]
    public async Task Relay_CallerCloses_SupervisorSeesACleanEndAndNothingIsLeft()
    {
        var pending = _host.Pending();
        await using var supervisor = await ClaimAsync(pending);
        var caller = await OpenedAsync(pending);

        await SendAsync(caller, [9]);
        await caller.CompleteWritesAsync(CancellationToken.None);
        await caller.DisposeAsync();

        Assert.That(await ReadToEndAsync(supervisor), Is.EqualTo(new byte[] { 9 }));
        await NothingIsLeftAsync();
    }

    [Test]
    public async Task Relay_CallerDisposesWithoutCompleting_SupervisorsReadBreaks()
    {
        var pending = _host.Pending();
        await using var supervisor = await ClaimAsync(pending);

        await (await OpenedAsync(pending)).DisposeAsync();

        await Assert.ThatAsync(() => ReadToEndAsync(supervisor), Throws.InstanceOf<IOException>());
        await NothingIsLeftAsync();
    }

    [Test]
    public async Task Relay_SupervisorAborts_CallersReadAndWriteBreak()
    {
        var pending = _host.Pending();
        var supervisor = await ClaimAsync(pending);
        var caller = await OpenedAsync(pending);
        var reading = ReadToEndAsync(caller);

        supervisor.Abort();
        await supervisor.DisposeAsync();

        await Assert.ThatAsync(() => reading, Throws.InstanceOf<IOException>());
        await Assert.ThatAsync(() => SendAsync(caller, [1]), Throws.InstanceOf<IOException>());
        await caller.DisposeAsync();
        await NothingIsLeftAsync();
    }

    [Test]
    public async Task Relay_EndedByTheGateway_BothEndsBreak()
    {
        var pending = _host.Pending();
        await using var supervisor = await ClaimAsync(pending);
        var caller = await OpenedAsync(pending);
        var reading = ReadToEndAsync(caller);

        _host.Table.ListActive("a").Single().End("the sandbox was stopped");

        await Assert.ThatAsync(() => reading, Throws.InstanceOf<IOException>());
        await Assert.ThatAsync(() => ReadToEndAsync(supervisor), Throws.InstanceOf<IOException>());
        await caller.DisposeAsync();
        await NothingIsLeftAsync();
    }

    [Test]
    public async Task Relay_CallerGoesAway_SupervisorIsToldOverItsSession()
    {
        var pending = _host.Pending();
        using var session = new SupervisorSession("a", "instance", 1, "1", []);
        _host.Sessions.Register(session);
        await using var supervisor = await ClaimAsync(pending);

        await (await OpenedAsync(pending)).DisposeAsync();
        await NothingIsLeftAsync();

        Assert.That(session.Commands.TryRead(out var command), Is.True);
        Assert.That(command, Is.EqualTo(new CloseRelayCommand(pending.ChannelId, "the caller went away or the connection broke")));
    }

    // More than fits the supervisor's window, and nobody reads it: the caller waits a bounded time for it to go, and leaves.
    [Test]
    public async Task Relay_CallerClosesAndSupervisorDoesNotRead_SlotIsFreeAndTheSupervisorIsTold()
    {
        var pending = _host.Pending();
        using var session = new SupervisorSession("a", "instance", 1, "1", []);
        _host.Sessions.Register(session);
        await using var supervisor = await ClaimAsync(pending);
        var caller = await OpenedAsync(pending);
        await caller.WriteAsync(new ReadOnlySequence<byte>(new byte[1 << 20]), flush: false, CancellationToken.None);
        using var gaveUp = new CancellationTokenSource(TimeSpan.FromMilliseconds(200));

        await Assert.ThatAsync(() => caller.CompleteWritesAsync(gaveUp.Token).AsTask(), Throws.InstanceOf<OperationCanceledException>());
        await caller.DisposeAsync();

        await NothingIsLeftAsync();
        Assert.That(session.Commands.TryRead(out var command), Is.True);
        Assert.That(command, Is.EqualTo(new CloseRelayCommand(pending.ChannelId, "the caller went away or the connection broke")));
    }

    // Kestrel uses the request and its pipes again once the endpoint has returned: while the caller may still touch
    // them, it must not.
    [TestCase(true)]
    [TestCase(false)]
    public async Task ServeAsync_RelayOverButCallerNotDone_StaysUntilItIs(bool endedByTheGateway)
    {
        var pending = _host.Pending();
        var supervisor = await ClaimAsync(pending);
        var caller = await OpenedAsync(pending);
        var reading = ReadToEndAsync(caller);
        if (endedByTheGateway)
        {
            _host.Table.ListActive("a").Single().End("the sandbox was stopped");
        }
        else
        {
            supervisor.Abort();
        }

        await Assert.ThatAsync(() => reading, Throws.InstanceOf<IOException>());
        // The same connection is busy meanwhile: had the endpoint returned, its request would be another relay's by now.
        for (var i = 0; i < 10; i++)
        {
            await AssertRefusedAsync("nothing", StatusCode.NotFound, "unknown or expired relay channel");
        }

        Assert.That((_host.Running, _host.Table.ActiveCount), Is.EqualTo((1, 1)));
        await caller.DisposeAsync();
        await supervisor.DisposeAsync();
        await NothingIsLeftAsync();
    }

    // Who asked for the relay was told something else while the claim was on its way.
    [Test]
    public async Task ServeAsync_NobodyWaitsForTheRelayAnyMore_EndsIt()
    {
        var pending = _host.Pending();
        pending.TryFail(new Failure(FailureKind.Unavailable, "gone"));

        await Assert.ThatAsync(ClaimAndReadAsync, Throws.InstanceOf<IOException>());
        await NothingIsLeftAsync();

        // The reset may come before the claim returns, or after.
        async Task ClaimAndReadAsync()
        {
            await using var supervisor = await ClaimAsync(pending);
            await ReadToEndAsync(supervisor);
        }
    }

    private async Task<RelayConnection> ClaimAsync(PendingRelay pending) =>
        await Eventually.EndsAsync(_host.ClaimAsync(pending.ChannelId), "the claim");

    private static async Task<RelayConnection> OpenedAsync(PendingRelay pending)
    {
        Assert.That((await Eventually.EndsAsync(pending.Opened, "the open")).Succeeded(out var relay, out var failure), Is.True, failure?.Message);
        return relay!;
    }

    private static async Task<Failure> FailureAsync(PendingRelay pending)
    {
        Assert.That((await Eventually.EndsAsync(pending.Opened, "the open")).Succeeded(out _, out var failure), Is.False);
        return failure!;
    }

    private async Task AssertRefusedAsync(string channelId, StatusCode code, string message)
    {
        var error = await Assert.ThrowsAsync<RelayRefusedException>(() => Eventually.EndsAsync(_host.ClaimAsync(channelId), "the refusal"));
        Assert.That((error!.Code, error.Message), Is.EqualTo((code, $"{code}: {message}")));
    }

    private static Task SendAsync(RelayConnection relay, byte[] data) => Eventually.EndsAsync(
        relay.WriteAsync(new ReadOnlySequence<byte>(data), flush: true, CancellationToken.None).AsTask(), "the write");

    private static Task<byte[]> ReadToEndAsync(RelayConnection relay)
    {
        return Eventually.EndsAsync(ReadAsync(), "the end of the relay's direction");

        async Task<byte[]> ReadAsync()
        {
            var received = new List<byte>();
            while (await relay.ReadAsync(CancellationToken.None) is { Kind: RelayReadKind.Data } read)
            {
                received.AddRange(read.Data.ToArray());
                relay.Advance();
            }

            return [.. received];
        }
    }

    private Task NothingIsLeftAsync() => Eventually.BecomesTrueAsync(
        () => _host is { Running: 0, Table: { ActiveCount: 0, PendingCount: 0 } }, "the endpoint returns and the relay's slot is free");
}
