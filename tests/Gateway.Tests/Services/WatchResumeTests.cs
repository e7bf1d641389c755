using System.Globalization;
using FsCheck;
using FsCheck.Fluent;
using Grpc.Core;
using OpenShell.Gateway.Fakes;
using OpenShell.Gateway.Logs;
using OpenShell.Gateway.Races;
using OpenShell.Gateway.Sandboxes;
using OpenShell.Gateway.Store;
using OpenShell.Gateway.Watch;
using OpenShell.Protocol.V1;
using OpenShell.TestKit;

namespace OpenShell.Gateway.Services;

/// <summary>WatchSandbox: cursors, and what comes after one.</summary>
internal sealed class WatchResumeTests : RaceTest
{
    private const string Text = "this watch is slow: ";

    [SetUp]
    public Task AddAsync() => Gateway.AddSandboxAsync();

    [Test]
    public async Task Cursor_LogLinesAndPlatformEvents_HaveOneAndSnapshotsHaveNone()
    {
        Log("1");
        Happen("2");
        await using var watch = Start(new WatchSandboxRequest { EventTail = 10 });

        Assert.That((await watch.NextAsync()).Cursor, Is.Empty, "the snapshot");
        Assert.That((await watch.NextAsync()).Cursor, Is.Not.Empty);
        Assert.That((await watch.NextAsync()).Cursor, Is.Not.Empty);
    }

    [Test]
    public async Task Cursor_WarningAboutWhatWasMissed_HasNone()
    {
        await using var watch = Start(new WatchSandboxRequest(), hold: true);
        await watch.WritesAsync();
        for (var i = 0; i < 2010; i++)
        {
            Log($"{i}");
        }

        watch.Release();
        await watch.NextAsync();
        var warning = await watch.NextAsync();
        Assert.That((warning.Warning?.Message, warning.Cursor), Is.EqualTo(($"{Text}10 log lines were dropped", "")));
    }

    [Test]
    public async Task Cursor_TwoOfOneStream_CompareBytewise()
    {
        await using var watch = Start(new WatchSandboxRequest());
        await watch.NextAsync();
        for (var i = 0; i < 300; i++)
        {
            (i % 3 == 0 ? Happen : (Action<string>)Log)($"{i}");
        }

        Assert.That((await watch.NextAsync(300)).Select(e => e.Cursor), Is.Ordered.Using<string>(StringComparer.Ordinal));
    }

    [Test]
    public async Task Resume_StopOnTerminalAndItHasEnded_ReplaysWhatCameAfterTheCursorAndEnds()
    {
        Log("1");
        await using var first = Start(new WatchSandboxRequest());
        var cursor = (await first.NextAsync(2))[1].Cursor;
        Happen("2");
        Log("3");

        await Gateway.Sandboxes.UpdateAsync(
            await Gateway.GetAsync() with { Phase = Sandboxes.SandboxPhase.Stopped }, CancellationToken.None);

        await using var watch = Start(new WatchSandboxRequest { ResumeAfterCursor = cursor, StopOnTerminal = true });

        await watch.NextAsync();
        Assert.That((await watch.NextAsync(2)).Select(TextOf), Is.EqualTo(new[] { "2", "3" }));
        await watch.EndsAsync();
    }

    [Test]
    public async Task Tails_ThenLive_LinesComeBeforePlatformEventsAndWhatIsNewAfterBoth()
    {
        Happen("event 1");
        Log("line 1");
        Happen("event 2");
        Log("line 2");
        await using var watch = Start(new WatchSandboxRequest { EventTail = 1 });

        Assert.That((await watch.NextAsync()).Sandbox, Is.Not.Null);
        Assert.That((await watch.NextAsync(3)).Select(TextOf), Is.EqualTo(new[] { "line 1", "line 2", "event 2" }));
        Happen("event 3");
        Log("line 3");
        Assert.That((await watch.NextAsync(2)).Select(TextOf), Is.EqualTo(new[] { "event 3", "line 3" }));
    }

    [Test]
    public async Task Resume_AfterACursor_BothSourcesComeInOrderAfterASnapshotAndTheTailsDoNotCount()
    {
        var cursor = await CursorOfAsync(() => Log("known"));
        Log("1");
        Happen("2");
        Log("3");
        await using var watch = Start(new WatchSandboxRequest { ResumeAfterCursor = cursor, LogTailLines = 1, EventTail = 1 });

        Assert.That((await watch.NextAsync()).Sandbox, Is.Not.Null);
        Happen("4");
        Assert.That((await watch.NextAsync(4)).Select(TextOf), Is.EqualTo(new[] { "1", "2", "3", "4" }));
    }

    [Test]
    public async Task Resume_AfterTheNewest_WaitsForWhatComes()
    {
        var cursor = await CursorOfAsync(() => Happen("known"));
        await using var watch = Start(new WatchSandboxRequest { ResumeAfterCursor = cursor });
        await watch.NextAsync();
        Log("new");

        Assert.That(TextOf(await watch.NextAsync()), Is.EqualTo("new"));
    }

    [TestCase("x")]
    [TestCase("0123456789abcdef01234567")]
    [TestCase("0123456789abcdef01234567-")]
    [TestCase("0123456789abcdef01234567-0000000000000000")]
    public Task Resume_TextThatIsNoCursor_IsAnInvalidArgument(string cursor) =>
        AssertRefusedAsync(cursor, StatusCode.InvalidArgument, "is no cursor of this gateway");

    [Test]
    public async Task Resume_PlaceThatDoesNotExistYet_IsAnInvalidArgument()
    {
        var cursor = await CursorOfAsync(() => Log("known"));
        Assert.That(WatchCursor.TryParse(cursor, out var known), Is.True);

        await AssertRefusedAsync(
            (known with { Sequence = known.Sequence + 1 }).ToString(), StatusCode.InvalidArgument, "resume_after_cursor '");
    }

    [Test]
    public async Task Resume_AfterWhatWasTrimmed_IsOutOfRangeAndAWatchWithoutACursorGoesOn()
    {
        var cursor = await CursorOfAsync(() => Log("known"));
        Log("follows");
        for (var i = 0; i < 2001; i++)
        {
            Log($"{i}");
        }

        await AssertRefusedAsync(cursor, StatusCode.OutOfRange, "not kept any more; watch again without a cursor");
        await using var watch = Start(new WatchSandboxRequest { LogTailLines = 1 });
        Assert.That((await watch.NextAsync(2)).Select(TextOf), Is.EqualTo(new[] { "state", "2000" }));
    }

    // Only what was dropped behind it counts, and only of what is watched.
    [Test]
    public async Task Resume_AfterTheLastThatWasTrimmed_GoesOn()
    {
        var cursor = await CursorOfAsync(() => Log("known"));
        for (var i = 0; i < 2000; i++)
        {
            Log($"{i}");
        }

        Happen("event");
        await using (var watch = Start(new WatchSandboxRequest { ResumeAfterCursor = cursor }))
        {
            Assert.That((await watch.NextAsync(2002)).Select(TextOf).Skip(1), Is.EqualTo(Enumerable.Range(0, 2000).Select(i => $"{i}").Append("event")));
        }

        Log("one more");
        await AssertRefusedAsync(cursor, StatusCode.OutOfRange, "not kept any more");
        await using var events = Start(new WatchSandboxRequest { ResumeAfterCursor = cursor }, logs: false);
        Assert.That((await events.NextAsync(2)).Select(TextOf), Is.EqualTo(new[] { "state", "event" }));
    }

    [Test]
    public async Task Resume_OfAnEarlierSandboxOfTheName_IsOutOfRange()
    {
        var cursor = await CursorOfAsync(() => Log("known"));
        Gateway.Events.PublishRemoved("a");
        Gateway.Events.Open("a");
        Log("of the new one");

        await AssertRefusedAsync(cursor, StatusCode.OutOfRange, "an earlier run of the gateway, or of an earlier sandbox");
    }

    [Test]
    public async Task Resume_WhatASlowWatchMissed_IsThereWhileItIsKept()
    {
        await using var slow = Start(new WatchSandboxRequest(), hold: true);
        await slow.WritesAsync();
        for (var i = 0; i < 2005; i++)
        {
            Log($"{i}");
        }

        slow.Release();
        var first = (await slow.NextAsync(3))[^1];
        Assert.That(TextOf(first), Is.EqualTo("5"));
        await using var again = Start(new WatchSandboxRequest { ResumeAfterCursor = first.Cursor });
        Assert.That((await again.NextAsync(2000)).Select(TextOf).Skip(1), Is.EqualTo(Enumerable.Range(6, 1999).Select(i => $"{i}")));
    }

    [Test]
    public async Task Watch_SandboxIsRemovedAndMadeAnewWithItsName_EndsWellAndShowsNothingOfTheNewOne()
    {
        await using var watch = Start(new WatchSandboxRequest());
        await watch.NextAsync();
        Log("last");
        await Gateway.Sandboxes.DeleteAsync("a", CancellationToken.None);
        Gateway.Events.PublishRemoved("a");
        Assert.That(
            await Gateway.Sandboxes.CreateAsync(SandboxRecords.Create("again") with { Name = "a" }, CancellationToken.None),
            Is.EqualTo(StoreOutcome.Done));
        Gateway.Events.Open("again");
        Gateway.Events.PublishLog("again", LogLines.Create("of the new one"));

        Assert.That(TextOf(await watch.NextAsync()), Is.EqualTo("last"));
        await watch.EndsAsync();
        Assert.That(watch.Unread, Is.Zero);
    }

    // Each of the two places where something can come between what is read and what is followed.
    [TestCase(true)]
    [TestCase(false)]
    public async Task Watch_EventDuringTheStart_ComesOnce(bool duringTheSnapshot)
    {
        Log("before");
        if (!duringTheSnapshot)
        {
            // It listens then, and has not taken its tail.
            Gateway.Store.AfterGet = () =>
            {
                Gateway.Store.AfterGet = null;
                Log("between");
                return Task.CompletedTask;
            };
        }

        await using var watch = Start(new WatchSandboxRequest(), during: duringTheSnapshot ? () => Log("between") : null);
        Assert.That((await watch.NextAsync(3)).Select(TextOf), Is.EqualTo(new[] { "state", "before", "between" }));
        Log("after");
        Assert.That(TextOf(await watch.NextAsync()), Is.EqualTo("after"));
    }

    [Test]
    public void Resume_AnySplitOfAStream_IsTheSameSequence()
    {
        var flag = Gen.Elements(true, false);
        var step = from isLog in flag from cut in flag from main in flag select (IsLog: isLog, Cut: cut, Main: main);
        Prop.ForAll(Arb.From(step.ListOf()), steps => SplitAsync([.. steps]).GetAwaiter().GetResult())
            .Check(Config.QuickThrowOnFailure.WithMaxTest(60));
    }

    // Publishes a step after another; at a cut the client goes, and comes back with the greatest cursor that it has.
    private async Task<bool> SplitAsync((bool IsLog, bool Cut, bool Main)[] steps)
    {
        var id = Guid.NewGuid().ToString("N")[..12];
        await Gateway.AddSandboxAsync(id);
        Gateway.Events.PublishLog(id, LogLines.Create("first"));
        var watch = Start(new WatchSandboxRequest { Sandbox = id });
        await watch.NextAsync();
        var seen = new List<SandboxStreamEvent> { await watch.NextAsync() };
        var unread = 0;
        for (var i = 0; i < steps.Length; i++)
        {
            if (steps[i].IsLog)
            {
                Gateway.Events.PublishLog(id, LogLines.Create($"{i}", source: steps[i].Main ? "main" : "gateway"));
            }
            else
            {
                Gateway.Events.PublishPlatform(id, PlatformEvents.Create($"{i}"));
            }

            unread++;
            if (steps[i].Cut)
            {
                // Half of what there is was received; the rest was on its way.
                seen.AddRange(await watch.NextAsync(unread / 2));
                unread -= unread / 2;
                await watch.DisposeAsync();
                watch = Start(new WatchSandboxRequest { Sandbox = id, ResumeAfterCursor = seen.Select(e => e.Cursor).Max(StringComparer.Ordinal) });
                await watch.NextAsync();
            }
        }

        seen.AddRange(await watch.NextAsync(unread));
        await watch.DisposeAsync();
        return seen.Skip(1).Select(TextOf).SequenceEqual(Enumerable.Range(0, steps.Length).Select(i => i.ToString(CultureInfo.InvariantCulture)));
    }

    private static string TextOf(SandboxStreamEvent e) => e.Log?.Message ?? e.Event?.Message ?? e.Warning?.Message ?? "state";

    private void Log(string message) => Gateway.Events.PublishLog("a", LogLines.Create(message));

    private void Happen(string message) => Gateway.Events.PublishPlatform("a", PlatformEvents.Create(message));

    private async Task<string> CursorOfAsync(Action publish)
    {
        await using var watch = Start(new WatchSandboxRequest());
        await watch.NextAsync();
        publish();
        return (await watch.NextAsync()).Cursor;
    }

    private async Task AssertRefusedAsync(string cursor, StatusCode code, string message)
    {
        await using var watch = Start(new WatchSandboxRequest { ResumeAfterCursor = cursor });
        var e = await Assert.ThrowsAsync<RpcException>(() => watch.EndsAsync());
        Assert.That(e!.StatusCode, Is.EqualTo(code));
        Assert.That(e.Status.Detail, Does.Contain(message));
        Assert.That(watch.Unread, Is.Zero, "nothing comes before the refusal");
    }

    private Watch Start(WatchSandboxRequest request, bool logs = true, bool hold = false, Action? during = null)
    {
        request.WorkspaceScope = Scope.Default;
        request.Sandbox = request.Sandbox.Length == 0 ? "a" : request.Sandbox;
        request.FollowLogs = logs;
        request.FollowEvents = true;
        var api = new WatchApi(Gateway.Directory, Gateway.Sandboxes, Gateway.Events, new WatchOptions());
        return new Watch(api, request, hold, during);
    }

    /// <summary>One watch and its reader.</summary>
    private sealed class Watch : IAsyncDisposable
    {
        private readonly FakeStreams<WatchSandboxRequest, SandboxStreamEvent> _stream = new();
        private readonly CancellationTokenSource _gone = new();
        private readonly TaskCompletionSource _held = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly TaskCompletionSource _writes = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly Task _serving;

        public Watch(WatchApi api, WatchSandboxRequest request, bool hold, Action? during)
        {
            _stream.BeforeWrite = async _ =>
            {
                _writes.TrySetResult();
                (var once, during) = (during, null);
                once?.Invoke();
                await (hold ? _held.Task : Task.CompletedTask);
            };
            _serving = api.WatchAsync(request, _stream, _gone.Token);
        }

        public int Unread => _stream.Unread;

        public Task WritesAsync() => Eventually.EndsAsync(_writes.Task, "the first write");

        public void Release() => _held.TrySetResult();

        public Task<SandboxStreamEvent> NextAsync() => _stream.NextAsync("the next event");

        public async Task<List<SandboxStreamEvent>> NextAsync(int count)
        {
            var events = new List<SandboxStreamEvent>();
            while (events.Count < count)
            {
                events.Add(await NextAsync());
            }

            return events;
        }

        public Task EndsAsync() => Eventually.EndsAsync(_serving, "the watch");

        public async ValueTask DisposeAsync()
        {
            await _gone.CancelAsync();
            Release();
            await _serving.ContinueWith(static _ => { }, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
            _gone.Dispose();
        }
    }
}
