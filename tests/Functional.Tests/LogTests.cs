using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using OpenShell.Protocol.V1;
using OpenShell.TestKit;
using Api = OpenShell.Protocol.V1.OpenShell;

namespace OpenShell.Functional;

/// <summary>Logs of sandboxes: what the gateway writes, what supervisors push, and who reads it.</summary>
public sealed class LogTests : FunctionalTest
{
    private const string Secret = "hunter2-in-argv";

    [Test]
    public async Task Logs_LifeOfASandbox_HasLinesOfTheGatewayAndOfTheSandbox()
    {
        var sandbox = await Gateway.CreateReadyAsync();
        var name = sandbox.Metadata.Name;
        await Gateway.Client.StopSandboxAsync(new StopSandboxRequest { WorkspaceScope = Scope.Default, Name = name });
        await Gateway.Client.StartSandboxAsync(new StartSandboxRequest { WorkspaceScope = Scope.Default, Name = name });
        await Gateway.WaitForPhaseAsync(name, SandboxPhase.Ready);

        var gateway = (await LogsAsync(sandbox, "gateway")).Select(l => l.Message).ToList();
        Assert.That(gateway[0], Is.EqualTo($"sandbox {name} created"));
        string[] expected =
        [
            "supervisor connected, session", "session opened", "phase Provisioning -> Ready (DependenciesReady)",
            "stop requested", "phase Ready -> Stopping", "ended: Disconnected", "session closed after", "stopped",
            "start requested", "started, boot epoch 2",
        ];
        foreach (var text in expected)
        {
            Assert.That(gateway, Has.Some.Contains(text));
        }

        await WaitForLineAsync(sandbox, "sandbox", l => l.Message.EndsWith("accepted", StringComparison.Ordinal));
    }

    [Test]
    public async Task Exec_ARelay_IsAnOcsfEventOnBothSidesWithoutItsArguments()
    {
        var sandbox = await Gateway.CreateReadyAsync();
        await Gateway.ExecAsync(new ExecSandboxRequest
        {
            WorkspaceScope = Scope.Default,
            Sandbox = sandbox.Metadata.Name,
            Command = { "echo", Secret },
            Environment = { ["SECRET"] = Secret },
        });

        foreach (var source in new[] { "gateway", "sandbox" })
        {
            var opened = await WaitForLineAsync(sandbox, source, l => l.Message == "relay to exec opened");
            var closed = await WaitForLineAsync(sandbox, source, l => l.Message.StartsWith("relay to exec closed after ", StringComparison.Ordinal));
            Assert.Multiple(() =>
            {
                Assert.That((opened.Level, opened.Target), Is.EqualTo(("OCSF", "ocsf")));
                Assert.That(opened.Fields["class_uid"], Is.EqualTo("4001"));
                Assert.That(opened.Fields["activity_id"], Is.EqualTo("1"));
                Assert.That(closed.Fields["activity_id"], Is.EqualTo("2"));
                Assert.That(closed.Fields["channel_id"], Is.EqualTo(opened.Fields["channel_id"]));
                Assert.That(closed.Fields["target"], Is.EqualTo("exec"));
                Assert.That(long.Parse(closed.Fields["duration_ms"], System.Globalization.CultureInfo.InvariantCulture), Is.Not.Negative);
            });
        }

        Assert.That((await LogsAsync(sandbox)).Select(l => l.ToString()), Has.None.Contains(Secret));
    }

    [Test]
    public async Task Watch_FollowLogs_SeesWhatTheSupervisorPushes()
    {
        var sandbox = await Gateway.CreateReadyAsync();
        using var watch = Gateway.Client.WatchSandbox(new WatchSandboxRequest
        {
            WorkspaceScope = Scope.Default,
            Sandbox = sandbox.Metadata.Name,
            FollowLogs = true,
            LogSources = { "sandbox" },
        });
        await watch.ResponseStream.MoveNext(CancellationToken.None);
        Assert.That(watch.ResponseStream.Current.Sandbox, Is.Not.Null);

        await Gateway.ExecAsync(new ExecSandboxRequest { WorkspaceScope = Scope.Default, Sandbox = sandbox.Metadata.Name, Command = { "true" } });

        await Eventually.EndsAsync(ReadUntilAsync(watch.ResponseStream, "relay to exec opened"), "the relay's line comes live");
    }

    [Test]
    public async Task Watch_ResumedAfterACursor_GoesOnThereUntilTheGatewayIsStartedAgain()
    {
        var sandbox = await Gateway.CreateReadyAsync();
        var request = new WatchSandboxRequest { WorkspaceScope = Scope.Default, Sandbox = sandbox.Metadata.Name, FollowLogs = true, FollowEvents = true };
        using (var watch = Gateway.Client.WatchSandbox(request))
        {
            await watch.ResponseStream.MoveNext(CancellationToken.None);
            Assert.That(watch.ResponseStream.Current.Cursor, Is.Empty, "a snapshot");
            await watch.ResponseStream.MoveNext(CancellationToken.None);
            request.ResumeAfterCursor = watch.ResponseStream.Current.Cursor;
            Assert.That(watch.ResponseStream.Current.Log.Message, Does.EndWith(" created"));
        }

        using (var again = Gateway.Client.WatchSandbox(request))
        {
            await again.ResponseStream.MoveNext(CancellationToken.None);
            Assert.That(again.ResponseStream.Current.Sandbox, Is.Not.Null, "a snapshot comes first here, too");
            await again.ResponseStream.MoveNext(CancellationToken.None);
            Assert.That(string.CompareOrdinal(again.ResponseStream.Current.Cursor, request.ResumeAfterCursor), Is.Positive);
            Assert.That(again.ResponseStream.Current.Log?.Message ?? "", Does.Not.EndWith(" created"));
        }

        await RestartGatewayAsync();
        using var late = Gateway.Client.WatchSandbox(request);
        var e = await Assert.ThrowsAsync<RpcException>(() => late.ResponseStream.MoveNext(CancellationToken.None));
        Assert.That(e!.StatusCode, Is.EqualTo(StatusCode.OutOfRange));
    }

    [Test]
    public async Task Push_GatewayIsKilled_NothingThatWasQueuedIsLost()
    {
        var sandbox = await Gateway.CreateReadyAsync();
        await WaitForLineAsync(sandbox, "sandbox", l => l.Message.EndsWith("accepted", StringComparison.Ordinal));

        await RestartGatewayAsync();

        // The end of the old session is written while there is no gateway.
        await WaitForLineAsync(sandbox, "sandbox", l => l.Message.StartsWith("session ended: ", StringComparison.Ordinal));
        await WaitForLineAsync(sandbox, "sandbox", l => l.Message.EndsWith("accepted", StringComparison.Ordinal));
        Assert.That((await LogsAsync(sandbox)).Select(l => l.Message), Has.None.Contains("were dropped"));
    }

    [Test]
    public async Task Delete_Logs_AreGone()
    {
        var sandbox = await Gateway.CreateReadyAsync();
        using var watch = Gateway.Client.WatchSandbox(new WatchSandboxRequest { WorkspaceScope = Scope.Default, Sandbox = sandbox.Metadata.Name, FollowLogs = true });
        await watch.ResponseStream.MoveNext(CancellationToken.None);
        await Gateway.Client.DeleteSandboxAsync(new DeleteSandboxRequest { WorkspaceScope = Scope.Default, Name = sandbox.Metadata.Name });

        // Others write until the end, too: the session's end is told by whoever serves it.
        var lines = await Eventually.EndsAsync(ReadAllAsync(watch.ResponseStream), "the watch ends");
        Assert.That(lines, Does.Contain("deleted"));
        var e = await Assert.ThrowsAsync<RpcException>(async () => await LogsAsync(sandbox));
        Assert.That(e!.StatusCode, Is.EqualTo(StatusCode.NotFound));
    }

    [Test]
    public async Task Push_OwnSandbox_IsBoundedAndItsSourceIsForced()
    {
        var sandbox = await Gateway.CreateReadyAsync();
        using var channel = SupervisorChannel();
        using var call = new Api.OpenShellClient(channel).PushSandboxLogs(TokenOf(sandbox));
        var line = new SandboxLogLine
        {
            SandboxId = "someone-else",
            Level = "INFO",
            Source = "gateway",
            Target = "forged",
            Message = new string('x', 100_000),
            EventTime = new Timestamp { Seconds = long.MaxValue },
        };
        await call.RequestStream.WriteAsync(new PushSandboxLogsRequest { SandboxId = sandbox.Metadata.Id, Logs = { line } });
        await call.RequestStream.CompleteAsync();
        await Eventually.EndsAsync(call.ResponseAsync, "the push is acknowledged");

        Assert.That(await LogsAsync(sandbox, "gateway"), Has.None.Matches<SandboxLogLine>(l => l!.Target == "forged"));
        var kept = (await LogsAsync(sandbox, "sandbox")).Single(l => l.Target == "forged");
        Assert.That((kept.SandboxId, kept.Source), Is.EqualTo((sandbox.Metadata.Id, "sandbox")));
        Assert.That(kept.Message, Has.Length.EqualTo(8192).And.EndsWith("(cut)"));
    }

    [Test]
    public async Task Push_OtherSandbox_IsRefusedAlsoInALaterMessage()
    {
        var sandbox = await Gateway.CreateReadyAsync();
        var other = await Gateway.CreateReadyAsync();
        using var channel = SupervisorChannel();
        using var call = new Api.OpenShellClient(channel).PushSandboxLogs(TokenOf(sandbox));
        foreach (var target in new[] { sandbox, other })
        {
            await call.RequestStream.WriteAsync(new PushSandboxLogsRequest
            {
                SandboxId = target.Metadata.Id,
                Logs = { new SandboxLogLine { Target = "forged", Message = "hello" } },
            });
        }

        var e = await Assert.ThrowsAsync<RpcException>(() => Eventually.EndsAsync(call.ResponseAsync, "the push is refused"));
        Assert.That(e!.StatusCode, Is.EqualTo(StatusCode.PermissionDenied));
        Assert.That(await LogsAsync(sandbox, "sandbox"), Has.Some.Matches<SandboxLogLine>(l => l!.Target == "forged"));
        Assert.That(await LogsAsync(other), Has.None.Matches<SandboxLogLine>(l => l!.Target == "forged"));
    }

    [Test]
    public async Task Main_NobodyAttached_ItsOutputIsInTheLogOnceItHasFailed()
    {
        var created = await CliProcess.RunAsync(
            Gateway, Directory, null, "sandbox", "create", "--name", "box", "--no-attach", "--", "sh", "-c", "echo hello; echo oops >&2; printf 'no end'; exit 3");
        await Gateway.WaitForPhaseAsync("box", SandboxPhase.Error);

        var plain = await CliProcess.RunAsync(Gateway, Directory, [], "logs", "box", "--source", "main");
        var json = await CliProcess.RunAsync(Gateway, Directory, [], "logs", "box", "--source", "main", "-o", "json");

        Assert.That(plain.Text, Does.Match(@"^\[\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3}\] \[main\] \[INFO\] \[stdout\] hello\n"), created.Error);
        Assert.That(plain.Text, Does.Contain("[stderr] oops\n").And.Contain("[stdout] no end\n"));
        Assert.That(json.Text, Does.Match("\"time\": \"\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}Z\""));
    }

    [Test]
    public async Task Push_User_PermissionDenied()
    {
        using var call = Gateway.Client.PushSandboxLogs();
        var e = await Assert.ThrowsAsync<RpcException>(() => Eventually.EndsAsync(call.ResponseAsync, "the push is refused"));
        Assert.That(e!.StatusCode, Is.EqualTo(StatusCode.PermissionDenied));
    }

    private static async Task ReadUntilAsync(IAsyncStreamReader<SandboxStreamEvent> stream, string message)
    {
        while (await stream.MoveNext(CancellationToken.None))
        {
            if (stream.Current.Log?.Message == message)
            {
                return;
            }
        }

        Assert.Fail($"the watch ended without '{message}'");
    }

    private static async Task<List<string>> ReadAllAsync(IAsyncStreamReader<SandboxStreamEvent> stream)
    {
        var lines = new List<string>();
        while (await stream.MoveNext(CancellationToken.None))
        {
            if (stream.Current.Log is { } line)
            {
                lines.Add(line.Message);
            }
        }

        return lines;
    }

    private async Task<IReadOnlyList<SandboxLogLine>> LogsAsync(Sandbox sandbox, params string[] sources) =>
        (await Gateway.Client.GetSandboxLogsAsync(new GetSandboxLogsRequest { WorkspaceScope = Scope.Default, Sandbox = sandbox.Metadata.Name, Sources = { sources } })).Logs;

    private async Task<SandboxLogLine> WaitForLineAsync(Sandbox sandbox, string source, Func<SandboxLogLine, bool> wanted)
    {
        IReadOnlyList<SandboxLogLine> seen = [];
        await Eventually.BecomesTrueAsync(
            async () => (seen = await LogsAsync(sandbox, source)).Any(wanted),
            () => $"the line of the {source} comes; there are:\n{string.Join('\n', seen.Select(l => l.Message))}");
        return seen.Last(wanted);
    }
}
