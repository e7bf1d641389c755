using System.Text.Json.Nodes;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using OpenShell.Cli.Tests.Fakes;
using OpenShell.Protocol.V1;

namespace OpenShell.Cli.Tests;

/// <summary>openshell logs.</summary>
[TestFixture]
internal sealed class LogsTests : GatewayTestBase
{
    // The time of all lines, where this runs.
    private static string Then { get; } = DateTimeOffset.FromUnixTimeMilliseconds(1_700_000_000_007).ToLocalTime()
        .ToString("yyyy-MM-dd HH:mm:ss.fff", System.Globalization.CultureInfo.InvariantCulture);

    [SetUp]
    public void AddSandbox() => Gateway.Add("alpha");

    [Test]
    public async Task Logs_Lines_HaveTimeSourceLevelTargetMessageAndFields()
    {
        Gateway.Logs.Add(NewLine("sandbox alpha created"));
        Gateway.Logs.Add(NewLine("relay opened", "sandbox", "OCSF", ("target", "tcp 127.0.0.1:80"), ("activity_id", "1"), ("empty", "")));

        var result = await Cli.RunAsync("logs", "alpha");

        Assert.That(result.ExitCode, Is.Zero, result.Error);
        Assert.That(result.Out, Is.EqualTo(
            $"[{Then}] [gateway] [INFO] [sandbox] sandbox alpha created\n" +
            $"[{Then}] [sandbox] [OCSF] [sandbox] relay opened activity_id=1 empty=\"\" target=\"tcp 127.0.0.1:80\"\n"));
    }

    [Test]
    public async Task Logs_Defaults_AskForTwoHundredLinesOfEverything()
    {
        await Cli.RunAsync("logs", "alpha");

        Assert.That(Gateway.Request<GetSandboxLogsRequest>(), Is.EqualTo(new GetSandboxLogsRequest { Sandbox = "alpha", WorkspaceScope = FakeGateway.DefaultScope, Lines = 200 }));
    }

    [Test]
    public async Task Logs_Filters_AreSent()
    {
        var before = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds();
        await Cli.RunAsync("logs", "alpha", "-n", "5", "--since", "1h30m", "--source", "sandbox", "--level", "Warn");

        var request = Gateway.Request<GetSandboxLogsRequest>();
        Assert.That((request.Lines, request.MinLevel), Is.EqualTo((5u, "WARN")));
        Assert.That(request.Sources, Is.EqualTo(new[] { "sandbox" }));
        Assert.That(request.SinceTime.ToDateTimeOffset().ToUnixTimeMilliseconds(), Is.EqualTo(before - TimeSpan.FromMinutes(90).TotalMilliseconds).Within(30_000));
    }

    [Test]
    public async Task Logs_SourceAll_SendsNoSource()
    {
        await Cli.RunAsync("logs", "alpha", "--source", "all");

        Assert.That(Gateway.Request<GetSandboxLogsRequest>().Sources, Is.Empty);
    }

    [Test]
    public async Task Logs_Json_IsAnArrayWithEveryField()
    {
        Gateway.Logs.Add(NewLine("hello", "", "INFO", ("a", "b")));

        var result = await Cli.RunAsync("logs", "alpha", "-o", "json");

        Assert.That(JsonNode.Parse(result.Out)!.ToJsonString(), Is.EqualTo(
            """[{"time":"2023-11-14T22:13:20.007Z","source":"gateway","level":"INFO","target":"sandbox","message":"hello","fields":{"a":"b"}}]"""));
    }

    [Test]
    public async Task Logs_ControlCharacters_DoNotReachTheTerminal()
    {
        Gateway.Logs.Add(NewLine("red\u001b[31m\nforged"));

        var result = await Cli.RunAsync("logs", "alpha");

        Assert.That(result.Out, Does.EndWith("red\\x1b[31m forged\n"));
    }

    [Test]
    public async Task Logs_Tail_PrintsWhatComesAndWarnsOnError()
    {
        Gateway.Watch = async (_, events, _) =>
        {
            await events.WriteAsync(WatchEvents.Snapshot("alpha", SandboxPhase.Ready));
            await events.WriteAsync(new SandboxStreamEvent { Log = NewLine("first") });
            await events.WriteAsync(new SandboxStreamEvent { Warning = new SandboxStreamWarning { Message = "3 log lines were dropped" } });
            await events.WriteAsync(new SandboxStreamEvent { Log = NewLine("second") });
        };

        var result = await Cli.RunAsync("logs", "alpha", "--tail", "-n", "7", "--level", "debug", "--source", "gateway");

        Assert.That(result.ExitCode, Is.Zero);
        Assert.That(result.Out, Is.EqualTo(
            $"[{Then}] [gateway] [INFO] [sandbox] first\n[{Then}] [gateway] [INFO] [sandbox] second\n"));
        Assert.That(result.Error, Is.EqualTo("warning: 3 log lines were dropped\n"));
        Assert.That(Gateway.Request<WatchSandboxRequest>(), Is.EqualTo(new WatchSandboxRequest
        {
            Sandbox = "alpha",
            WorkspaceScope = FakeGateway.DefaultScope,
            FollowLogs = true,
            LogTailLines = 7,
            LogMinLevel = "DEBUG",
            LogSources = { "gateway" },
        }));
    }

    [Test]
    public async Task Logs_TailJson_IsOneObjectPerLine()
    {
        Gateway.Watch = async (_, events, _) =>
        {
            await events.WriteAsync(new SandboxStreamEvent { Log = NewLine("first") });
            await events.WriteAsync(new SandboxStreamEvent { Log = NewLine("second") });
        };

        var result = await Cli.RunAsync("logs", "alpha", "--tail", "-o", "json");

        Assert.That(
            result.Out.TrimEnd().Split('\n').Select(l => JsonNode.Parse(l)!["message"]!.GetValue<string>()),
            Is.EqualTo(new[] { "first", "second" }));
    }

    [Test]
    public async Task Logs_TailInterrupted_ExitsWithTheSignal()
    {
        Gateway.Watch = async (_, events, context) =>
        {
            await events.WriteAsync(new SandboxStreamEvent { Log = NewLine("first") });
            Cli.Signals.Raise(System.Runtime.InteropServices.PosixSignal.SIGINT);
            await Task.Delay(Timeout.Infinite, context.CancellationToken).ContinueWith(_ => { }, TaskScheduler.Default);
        };

        Assert.That((await Cli.RunAsync("logs", "alpha", "--tail")).ExitCode, Is.EqualTo(130));
    }

    [Test]
    public async Task Logs_NoSuchSandbox_ExitsWithThree()
    {
        Assert.That((await Cli.RunAsync("logs", "beta")).ExitCode, Is.EqualTo(3));
    }

    [Test]
    public async Task Logs_GatewayGoesAway_ExitsWithFive()
    {
        Gateway.Watch = (_, _, _) => throw new RpcException(new Status(StatusCode.Unavailable, "going down"));

        Assert.That((await Cli.RunAsync("logs", "alpha", "--tail")).ExitCode, Is.EqualTo(5));
    }

    [Test]
    public async Task Logs_TailStreamBreaks_GoesOnAfterTheLastCursor()
    {
        Gateway.Watch = async (number, events, _) =>
        {
            await events.WriteAsync(WatchEvents.Snapshot("alpha", SandboxPhase.Ready));
            if (number == 1)
            {
                await events.WriteAsync(new SandboxStreamEvent { Log = NewLine("twice"), Cursor = "a2" });
                await events.WriteAsync(new SandboxStreamEvent { Log = NewLine("twice"), Cursor = "a1" });
                throw new RpcException(new Status(StatusCode.Unavailable, "the gateway is shutting down"));
            }

            // A third one of the same text is another line.
            await events.WriteAsync(new SandboxStreamEvent { Log = NewLine("twice"), Cursor = "a3" });
        };

        var result = await Cli.RunAsync("logs", "alpha", "--tail", "-o", "json");

        Assert.That(result.ExitCode, Is.Zero, result.Error);
        Assert.That(Messages(result.Out), Is.EqualTo(new[] { "twice", "twice", "twice" }));
        Assert.That(Cursors(), Is.EqualTo(new[] { "", "a2" }));
    }

    [Test]
    public async Task Logs_TailStreamBreaksAndTheCursorIsGone_BeginsAgainAndRepeatsNoLine()
    {
        Gateway.Watch = async (number, events, _) =>
        {
            if (number == 2)
            {
                throw new RpcException(new Status(StatusCode.OutOfRange, "gone"));
            }

            await events.WriteAsync(WatchEvents.Snapshot("alpha", SandboxPhase.Ready));
            await events.WriteAsync(new SandboxStreamEvent { Log = NewLine("first"), Cursor = "a1" });
            if (number == 1)
            {
                throw new RpcException(new Status(StatusCode.Unavailable, "the gateway is shutting down"));
            }

            await events.WriteAsync(new SandboxStreamEvent { Log = NewLine("new", at: 5), Cursor = "b2" });
        };

        var result = await Cli.RunAsync("logs", "alpha", "--tail", "-o", "json");

        Assert.That(result.ExitCode, Is.Zero, result.Error);
        Assert.That(Messages(result.Out), Is.EqualTo(new[] { "first", "new" }));
        Assert.That(result.Error, Does.Contain("it begins again, and lines may be missing here"));
        Assert.That(Cursors(), Is.EqualTo(new[] { "", "a1", "" }));
    }

    [Test]
    public async Task Logs_AnotherSandboxHasTheNameAfterABreak_EndsAndPrintsNothingOfIt()
    {
        Gateway.Watch = async (number, events, _) =>
        {
            var snapshot = WatchEvents.Snapshot("alpha", SandboxPhase.Ready);
            snapshot.Sandbox.Metadata.Id = number == 1 ? snapshot.Sandbox.Metadata.Id : "another";
            await events.WriteAsync(snapshot);
            await events.WriteAsync(new SandboxStreamEvent { Log = NewLine($"of {number}"), Cursor = "a1" });
            throw new RpcException(new Status(StatusCode.Unavailable, "the gateway is shutting down"));
        };

        var result = await Cli.RunAsync("logs", "alpha", "--tail", "-o", "json");

        Assert.That(result.ExitCode, Is.EqualTo(3));
        Assert.That(Messages(result.Out), Is.EqualTo(new[] { "of 1" }));
        Assert.That(result.Error, Does.Contain("sandbox 'alpha' was deleted, and another one of that name was made"));
    }

    [Test]
    public async Task Logs_TailStreamBreaks_ComesBackAndRepeatsNoLine()
    {
        Gateway.Watch = async (number, events, _) =>
        {
            await events.WriteAsync(WatchEvents.Snapshot("alpha", SandboxPhase.Ready));
            if (number > 1)
            {
                // The longer tail of a stream that begins again: from before what was asked for, what was printed, what is new.
                await events.WriteAsync(new SandboxStreamEvent { Log = NewLine("too old", at: -1) });
            }

            await events.WriteAsync(new SandboxStreamEvent { Log = NewLine("first") });
            await events.WriteAsync(new SandboxStreamEvent { Log = NewLine("twice") });
            await events.WriteAsync(new SandboxStreamEvent { Log = NewLine("twice") });
            if (number < 3)
            {
                throw new RpcException(new Status(StatusCode.Unavailable, "the gateway is shutting down"));
            }

            await events.WriteAsync(new SandboxStreamEvent { Log = NewLine("late", at: 0) });
            await events.WriteAsync(new SandboxStreamEvent { Log = NewLine("new", at: 5) });
        };

        var result = await Cli.RunAsync("logs", "alpha", "--tail", "-n", "3", "-o", "json");

        Assert.That(result.ExitCode, Is.Zero, result.Error);
        Assert.That(
            result.Out.TrimEnd().Split('\n').Select(l => JsonNode.Parse(l)!["message"]!.GetValue<string>()),
            Is.EqualTo(new[] { "first", "twice", "twice", "late", "new" }));
        var broke = "warning: the log stream broke (the gateway is shutting down); connecting again\nwarning: the log stream is back\n";
        Assert.That(result.Error, Is.EqualTo(broke + broke));
        WatchSandboxRequest[] watches = [.. Gateway.Requests.OfType<WatchSandboxRequest>()];
        Assert.That(watches.Select(w => (w.LogTailLines, w.SinceTime)), Is.EqualTo(new[]
        {
            (3u, null), (2000u, At(-60_000)), (2000u, At(-60_000)),
        }));
    }

    [Test]
    public async Task Logs_EventThatIsNoLine_CountsForTheCursor()
    {
        Gateway.Watch = async (number, events, _) =>
        {
            await events.WriteAsync(new SandboxStreamEvent { Log = NewLine("one"), Cursor = "c5" });
            await events.WriteAsync(new SandboxStreamEvent { Event = new PlatformEvent(), Cursor = "c6" });
            if (number == 1)
            {
                throw new RpcException(new Status(StatusCode.Unavailable, "gone"));
            }
        };

        await Cli.RunAsync("logs", "alpha", "-f", "-n", "20");

        Assert.That(Cursors(), Is.EqualTo(new[] { "", "c6" }));
    }

    [Test]
    public async Task Logs_SourceTwice_SendsBoth()
    {
        await Cli.RunAsync("logs", "alpha", "--source", "main", "--source", "gateway");

        Assert.That(Gateway.Request<GetSandboxLogsRequest>().Sources, Is.EqualTo(["main", "gateway"]));
    }

    [Test]
    public async Task Logs_TailSandboxIsGoneAfterABreak_ExitsWithThree()
    {
        Gateway.Watch = async (number, events, _) =>
        {
            await events.WriteAsync(WatchEvents.Snapshot("alpha", SandboxPhase.Ready));
            throw new RpcException(new Status(number == 1 ? StatusCode.Unavailable : StatusCode.NotFound, "gone"));
        };

        Assert.That((await Cli.RunAsync("logs", "alpha", "--tail")).ExitCode, Is.EqualTo(3));
    }

    [TestCase("--since wants a duration such as 30s, 5m, 2h or 1d, not '5'", "--since", "5")]
    [TestCase("--since wants a duration such as 30s, 5m, 2h or 1d, not '99999999999d'", "--since", "99999999999d")]
    [TestCase("--source is one of all, gateway, sandbox, main, not 'guest'", "--source", "guest")]
    [TestCase("--level is one of error, warn, info, debug, trace, not 'loud'", "--level", "loud")]
    [TestCase("--lines wants a whole number from 0, not 'many'", "-n", "many")]
    [TestCase("--follow prints table or json", "--tail", "-o", "yaml")]
    public async Task Logs_WrongOption_IsExplained(string explanation, params string[] options)
    {
        var result = await Cli.RunAsync(["logs", "alpha", .. options]);

        Assert.That(result.ExitCode, Is.EqualTo(2));
        Assert.That(result.Error, Does.Contain(explanation));
        Assert.That(Gateway.Requests, Is.Empty);
    }

    private static IEnumerable<string> Messages(string lines) => lines.TrimEnd().Split('\n').Select(l => JsonNode.Parse(l)!["message"]!.GetValue<string>());

    private IEnumerable<string> Cursors() => Gateway.Requests.OfType<WatchSandboxRequest>().Select(r => r.ResumeAfterCursor);

    // So many milliseconds after all others.
    private static Timestamp At(int milliseconds) =>
        Timestamp.FromDateTimeOffset(DateTimeOffset.FromUnixTimeMilliseconds(1_700_000_000_007 + milliseconds));

    private static SandboxLogLine NewLine(string message, int at) =>
        new(NewLine(message)) { EventTime = At(at) };

    private static SandboxLogLine NewLine(
        string message, string source = "gateway", string level = "INFO", params (string Key, string Value)[] fields)
    {
        var line = new SandboxLogLine { SandboxId = "id-alpha", EventTime = At(0), Level = level, Source = source, Target = "sandbox", Message = message };
        foreach ((var key, var value) in fields)
        {
            line.Fields.Add(key, value);
        }

        return line;
    }
}
