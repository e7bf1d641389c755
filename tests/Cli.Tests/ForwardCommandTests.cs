using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;
using OpenShell.Cli.Context;
using OpenShell.Cli.Forwarding;
using OpenShell.Cli.Tests.Fakes;
using OpenShell.Linux.Processes;

namespace OpenShell.Cli.Tests;

/// <summary>forward list and stop, and what start refuses; a forward that runs is played by a process that sleeps.</summary>
[TestFixture]
internal sealed class ForwardCommandTests : GatewayTestBase
{
    private readonly List<Process> _runs = [];

    [TearDown]
    public void EndRuns()
    {
        foreach (var run in _runs)
        {
            run.Kill();
            run.WaitForExit();
            run.Dispose();
        }

        _runs.Clear();
    }

    [Test]
    public async Task List_None_SaysSo()
    {
        Assert.That((await Cli.RunAsync("forward", "list")).Out, Is.EqualTo("No forwards found.\n"));
        Assert.That((await Cli.RunAsync("fwd", "list", "-o", "json")).Out, Is.EqualTo("[]\n"));
    }

    [Test]
    public async Task List_Table_HasARowForEachPort()
    {
        var pid = Add("alpha", 8080, 9090).ToString(CultureInfo.InvariantCulture);

        Assert.That((await Cli.RunAsync("forward", "list")).Out, Is.EqualTo(
            $"SANDBOX  GATEWAY  LOCAL           REMOTE        {"PID".PadRight(pid.Length)}  DETACHED\n" +
            $"alpha    local    127.0.0.1:8080  localhost:80  {pid.PadRight(3)}  yes\n" +
            $"alpha    local    127.0.0.1:9090  localhost:80  {pid.PadRight(3)}  yes\n"));
    }

    [Test]
    public async Task List_Json_HasTheKeysThatOthersRead()
    {
        var pid = Add("alpha", 8080);

        Assert.That(JsonNode.Parse((await Cli.RunAsync("forward", "list", "-o", "json")).Out)!.ToJsonString(), Is.EqualTo(JsonNode.Parse(
            $$"""
            [{
              "sandbox": "alpha", "bind_address": "127.0.0.1", "port": 8080, "pid": {{pid}}, "alive": true,
              "target_host": "localhost", "target_port": 80, "gateway": "local", "workspace": "dev",
              "sandbox_id": "id-alpha", "detached": true
            }]
            """)!.ToJsonString()));
    }

    [TestCase("8080", "alpha")]
    [TestCase("alpha", "alpha")]
    [TestCase("8080 alpha", "alpha")]
    [TestCase("8080 7070", "alpha,beta")]
    [TestCase("--all", "alpha,beta")]
    public async Task Stop_Words_StopWhatIsMeant(string words, string stopped)
    {
        Add("alpha", 8080);
        Add("beta", 7070);

        var result = await Cli.RunAsync(["forward", "stop", .. words.Split(' ')]);

        Assert.That(result.ExitCode, Is.Zero, result.Error);
        Assert.That(
            result.Error.TrimEnd().Split('\n').Select(line => line[(line.LastIndexOf(' ') + 1)..]), Is.EqualTo(stopped.Split(',')));
    }

    [TestCase("7070", "! No forward of 7070 runs\n")]
    [TestCase("beta", "! No forward of beta runs\n")]
    [TestCase("8080 beta", "! No forward of 8080 runs\n! No forward of beta runs\n")]
    public async Task Stop_NothingThatIsMeant_ExitsWithThree(string words, string said)
    {
        Add("alpha", 8080);

        Assert.That(await Cli.RunAsync(["forward", "stop", .. words.Split(' ')]), Is.EqualTo(new CliResult(3, "", said)));
    }

    [TestCase(2, "error: give a port to forward: openshell forward start 8080 NAME\n", "start", "alpha")]
    [TestCase(2, "error: two sandboxes, 'alpha' and 'beta': forward to one at a time\n", "start", "8080", "alpha", "beta")]
    [TestCase(3, "error: sandbox 'nobody' not found; see: openshell sandbox list\n", "start", "8080", "nobody")]
    [TestCase(3, "error: sandbox 'nobody' not found; see: openshell sandbox list\n", "service", "nobody", "--target-port", "80")]
    public async Task Start_WhatCannotBe_IsExplained(int exitCode, string said, params string[] args) =>
        Assert.That(await Cli.RunAsync(["forward", .. args]), Is.EqualTo(new CliResult(exitCode, "", said)));

    [TestCase("--target-port", "0")]
    [TestCase("--target-port", "80", "--local", "nowhere:80")]
    [TestCase("--target-port", "80", "--target-host", "example.com")]
    public async Task Service_WhatIsNoForward_IsAUsageError(params string[] options)
    {
        var result = await Cli.RunAsync(["forward", "service", "alpha", .. options]);

        Assert.That(result.ExitCode, Is.EqualTo(2));
        Assert.That(result.Error, Does.Contain("is no forward"));
        Assert.That(Gateway.Requests, Is.Empty);
    }

    private int Add(string sandbox, params int[] ports)
    {
        var run = Process.Start("sleep", "1000");
        _runs.Add(run);
        var start = ProcessStart.Of(run.Id)!;
        new ForwardStore(CliEnvironment.Of(Cli.Environment)).Add(new ForwardRecord
        {
            Pid = run.Id,
            StartTicks = start.Ticks,
            Boot = start.Boot,
            Gateway = "local",
            Workspace = "dev",
            Sandbox = sandbox,
            SandboxId = "id-" + sandbox,
            Detached = true,
            Ports = [.. ports.Select(port => new ForwardPorts("127.0.0.1", port, "localhost", 80))],
        });
        return run.Id;
    }
}
