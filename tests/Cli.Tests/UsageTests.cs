using System.Text.Json.Nodes;
using OpenShell.Cli.Tests.Fakes;

namespace OpenShell.Cli.Tests;

/// <summary>Help, version, colours, and command lines that are wrong.</summary>
[TestFixture]
internal sealed class UsageTests : GatewayTestBase
{
    [TestCase("unrecognized subcommand 'sandbx'; did you mean 'sandbox'?", "sandbx")]
    [TestCase("unrecognized subcommand 'lst'; did you mean 'ls'?", "sandbox", "lst")]
    [TestCase("unrecognized subcommand 'start'; did you mean 'openshell start' or 'openshell sandbox start' or 'openshell forward start'?", "gateway", "start")]
    [TestCase("unrecognized subcommand 'list'; did you mean 'openshell sandbox list' or 'openshell ls'?", "list")]
    [TestCase("unrecognized subcommand 'upload'; did you mean 'openshell sandbox upload'?", "upload")]
    [TestCase("unrecognized subcommand 'downlod'; did you mean 'openshell sandbox download'?", "downlod")]
    [TestCase("unrecognized subcommand 'kill'; did you mean 'openshell stop --force'?", "kill")]
    [TestCase("unrecognized subcommand 'image'; a gateway does not tell which images it has", "image", "ls")]
    [TestCase("unrecognized subcommand 'port-forward'; did you mean 'openshell forward start'?", "port-forward")]
    [TestCase("unknown option '--nmes'; did you mean '--names'?", "sandbox", "list", "--nmes")]
    [TestCase("unknown option '--gatway'; did you mean '--gateway'?", "sandbox", "list", "--gatway=x")]
    [TestCase("unexpected argument 'extra'", "sandbox", "list", "extra")]
    [TestCase("'openshell sandbox' needs a subcommand: create, list", "sandbox")]
    [TestCase("'openshell' needs a subcommand: status, sandbox")]
    [TestCase("--page-size wants a whole number from 0, not 'many'", "sandbox", "list", "--page-size", "many")]
    [TestCase("required argument 'NAME' missing", "workspace", "get")]
    [TestCase("there is no completion script for 'tcsh'", "completion", "tcsh")]
    public async Task Run_WrongCommandLine_ExplainsOnErrorAndExitsWithTwo(string explanation, params string[] args)
    {
        var result = await Cli.RunAsync(args);

        Assert.That(result.ExitCode, Is.EqualTo(2));
        Assert.That(result.Out, Is.Empty);
        Assert.That(result.Error, Does.StartWith("error: ").And.Contain(explanation).And.Contain("Usage: openshell"));
        Assert.That(Gateway.Requests, Is.Empty);
    }

    [TestCase("unknown option '-l'; put -- before a command that has options", "sandbox", "exec", "alpha", "-l")]
    [TestCase("unknown option '--wokdir'; did you mean '--workdir'?", "sandbox", "exec", "alpha", "--wokdir=/", "--", "ls", "-l")]
    [TestCase("unknown option '--nme'; did you mean '--name'?", "sandbox", "create", "--nme", "alpha")]
    [TestCase("unexpected argument 'alpha'; put -- before a command", "sandbox", "create", "alpha")]
    public async Task Run_WordsBeforeTheDashes_AreNotTakenForTheCommand(string explanation, params string[] args)
    {
        var result = await Cli.RunAsync(args);

        Assert.That(result.ExitCode, Is.EqualTo(2));
        Assert.That(result.Error, Does.Contain(explanation));
        Assert.That(Gateway.Requests, Is.Empty);
    }

    [Test]
    public async Task Run_WrongCommandLineWithJson_PrintsAJsonError()
    {
        var result = await Cli.RunAsync("sandbox", "list", "-o", "json", "--nmes");

        var error = JsonNode.Parse(result.Error)!["error"]!;
        Assert.That(error["code"]!.GetValue<string>(), Is.EqualTo("usage"));
        Assert.That(error["exit_code"]!.GetValue<int>(), Is.EqualTo(2));
    }

    [TestCase("--help")]
    [TestCase("-h")]
    public async Task Help_Root_NamesTheCommandsAndHidesTheInternalOne(string option)
    {
        var result = await Cli.RunAsync(option);

        Assert.That(result.ExitCode, Is.Zero);
        Assert.That(result.Out, Does.Contain("gateway").And.Contain("status").And.Contain("sandbox").And.Contain("completion"));
        Assert.That(result.Out, Does.Not.Contain("__complete"));
    }

    [TestCase("sandbox create --help", new[] { "--name", "--image", "--from", "--env", "--label", "--cpu", "--memory", "--disk", "--policy", "--no-wait", "--detach", "--rm", "--tty", "--no-tty" })]
    [TestCase("gateway --help", new[] { "add", "remove", "list", "select", "info" })]
    public async Task Help_Command_NamesItsOptions(string commandLine, string[] names)
    {
        var result = await Cli.RunAsync(commandLine.Split(' '));

        Assert.That(names.Where(name => !result.Out.Contains(name, StringComparison.Ordinal)), Is.Empty);
    }

    [TestCase("--version")]
    [TestCase("-V")]
    public async Task Version_Root_IsOneLine(string option) =>
        Assert.That((await Cli.RunAsync(option)).Out, Does.Match(@"\Aopenshell \d+\.\d+\.\d+\n\z"));

    [Test]
    public async Task Color_Terminal_IsUsedUnlessNoColorIsSet()
    {
        Gateway.Add("alpha");
        Cli.OutIsTerminal = true;
        Assert.That((await Cli.RunAsync("sandbox", "list")).Out, Does.Contain("\e[32mReady\e[0m"));

        Cli.Environment["NO_COLOR"] = "1";
        Assert.That((await Cli.RunAsync("sandbox", "list")).Out, Does.Not.Contain("\e["));
    }

    [TestCase(true, "--color", "always")]
    [TestCase(false, "--color", "never")]
    [TestCase(false, "--color", "auto")]
    public async Task Color_Option_GoesBeforeTerminalAndEnvironment(bool colors, params string[] option)
    {
        Gateway.Add("alpha");
        Cli.Environment["OPENSHELL_COLOR"] = colors ? "never" : "always";
        Assert.That((await Cli.RunAsync("sandbox", "list")).Out.Contains('\e'), Is.Not.EqualTo(colors));

        Assert.That((await Cli.RunAsync([.. option, "sandbox", "list"])).Out.Contains('\e'), Is.EqualTo(colors));
    }

    [Test]
    public async Task Color_NoColorAndTerminal_KeepsTheChecklistWithoutColors()
    {
        Gateway.Watch = async (_, events, _) =>
        {
            await events.WriteAsync(WatchEvents.Progress("Scheduled"));
            await events.WriteAsync(WatchEvents.Snapshot("brave-otter", Protocol.V1.SandboxPhase.Ready));
        };
        Cli.ErrorIsTerminal = true;
        Cli.Environment["NO_COLOR"] = "1";

        Assert.That((await Cli.RunAsync("sandbox", "create")).Error, Does.Contain("✓ Scheduled").And.Not.Match("\e\\[[0-9;]*m"));
    }
}
