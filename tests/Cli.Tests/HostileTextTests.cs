using System.Text.Json.Nodes;
using Grpc.Core;
using OpenShell.Cli.Tests.Fakes;
using OpenShell.Cli.Text;
using OpenShell.Protocol.V1;
using OpenShell.TestKit;

namespace OpenShell.Cli.Tests;

/// <summary>A gateway that is hostile, or passes on what a guest said: nothing of it acts on the terminal.</summary>
[TestFixture]
internal sealed class HostileTextTests : GatewayTestBase
{
    private static IEnumerable<StatusCode> Refusals => Enum.GetValues<StatusCode>().Where(code => code != StatusCode.OK);

    [SetUp]
    public void AddSandbox()
    {
        var sandbox = HostileText.Fill(new Sandbox());
        (sandbox.Metadata.Name, sandbox.Metadata.Workspace) = ("alpha", "default");
        sandbox.Status.Phase = SandboxPhase.Error;
        sandbox.Status.Conditions.Add(
            new SandboxCondition { Type = "Ready", Status = "False", Reason = HostileText.Sample, Message = HostileText.Sample });
        Gateway.Sandboxes.Add(sandbox);
        var other = HostileText.Fill(new Sandbox());
        other.Metadata.Workspace = "default";
        Gateway.Sandboxes.Add(other);
        Gateway.Logs.Add(HostileText.Fill(new SandboxLogLine()));
        Gateway.Watch = async (_, events, _) =>
        {
            await events.WriteAsync(new SandboxStreamEvent { Log = HostileText.Fill(new SandboxLogLine()) });
            await events.WriteAsync(new SandboxStreamEvent { Event = HostileText.Fill(new PlatformEvent()) });
            await events.WriteAsync(new SandboxStreamEvent { Warning = HostileText.Fill(new SandboxStreamWarning()) });
            await events.WriteAsync(new SandboxStreamEvent { Sandbox = sandbox });
        };
    }

    [Test]
    public async Task AnyCommand_AnyFormat_PrintsNothingHarmful(
        [Values("sandbox list", "sandbox list --names", "sandbox get alpha", "logs alpha", "logs alpha --tail", "status", "sandbox create --name new",
            "sandbox start alpha", "sandbox delete no-such", "sandbox ssh-config alpha")] string command,
        [Values("table", "json", "yaml")] string format)
    {
        var result = await Cli.RunAsync([.. command.Split(' '), "-o", format]);
        Check(result, command);
    }

    [Test]
    public async Task AnyCommand_GatewayRefuses_PrintsNothingHarmful(
        [Values("sandbox list", "sandbox get alpha", "logs alpha", "status", "sandbox create", "sandbox exec alpha -- true", "sandbox stop alpha")] string command,
        [ValueSource(nameof(Refusals))] StatusCode status)
    {
        Gateway.Failure = new Status(status, HostileText.Sample);
        Check(await Cli.RunAsync(command.Split(' ')), command);
    }

    [Test]
    public async Task Create_OnATerminal_ShowsStepsThatDoNothingBeyondThem()
    {
        Cli.ErrorIsTerminal = true;
        var result = await Cli.RunAsync("sandbox", "create", "--name", "new");
        Assert.That(result.Error, Does.Not.Contain("\e[2J").And.Not.Contain("\u202E").And.Not.Contain("\u009b").And.Not.Contain("\a"));
    }

    [Test]
    public async Task Exec_EndOfTheCommand_SaysItHarmlessly()
    {
        Gateway.Exec = (_, _, events, _) =>
            events.WriteAsync(new ExecSandboxEvent { Exit = HostileText.Fill(new ExecSandboxExit { ExitCode = 126 }) });
        Check(await Cli.RunAsync("sandbox", "exec", "alpha", "--", "x"), "exec");
    }

    // What the command itself writes is the terminal's stream, as with ssh.
    [Test]
    public async Task Exec_OutputOfTheCommand_StaysAsItIs()
    {
        Gateway.Exec = async (_, _, events, _) =>
        {
            await events.WriteAsync(ExecEvents.Stdout(HostileText.Sample));
            await events.WriteAsync(ExecEvents.Exit(0));
        };
        Assert.That((await Cli.RunAsync("sandbox", "exec", "alpha", "--", "x")).Out, Is.EqualTo(HostileText.Sample));
    }

    [Test]
    public async Task Json_HostileText_IsKeptForWhoeverParsesIt()
    {
        var result = await Cli.RunAsync("logs", "alpha", "-o", "json");
        Assert.That((string?)JsonNode.Parse(result.Out)![0]!["message"], Is.EqualTo(HostileText.Sample));
    }

    // Not cases of their own: the name of a test cannot hold all of these.
    [Test]
    public void Writer_Text_LetsOnlyOurOwnSequencesThrough()
    {
        (string Text, string Expected)[] cases =
        [
            ("plain\n", "plain\n"),
            ("\e[32m✓\e[0m done\tx\n", "\e[32m✓\e[0m done\tx\n"),
            ("\e[8mhidden\e[2J", @"\x1b[8mhidden\x1b[2J"),
            ("a\u202Eb\r\n", "a\\u202eb\\r\n"),
        ];
        Assert.That(cases.Select(c => Written(c.Text)), Is.EqualTo(cases.Select(c => c.Expected)));
    }

    [Test]
    public void Writer_PairInTwoPieces_IsOneCharacter()
    {
        using var made = new StringWriter();
        using var writer = new HarmlessWriter(made);
        writer.Write('\ud83d');
        writer.Write('\ude00');
        writer.Write('\ud83d');
        writer.Flush();
        Assert.That(made.ToString(), Is.EqualTo("\U0001F600\\ud83d"));
    }

    private static string Written(string text)
    {
        using var made = new StringWriter();
        using var writer = new HarmlessWriter(made);
        writer.Write(text);
        writer.Flush();
        return made.ToString();
    }

    private static void Check(CliResult result, string command)
    {
        var all = result.Out + result.Error;
        Assert.That(HostileText.IsHarmful(all), Is.False, $"{command} printed:\n{all}");
        Assert.That(all.Split('\n'), Has.None.StartsWith(HostileText.ForgedLine), command);
    }
}
