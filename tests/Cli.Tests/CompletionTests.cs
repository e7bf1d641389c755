using OpenShell.Cli.Tests.Fakes;

namespace OpenShell.Cli.Tests;

[TestFixture]
internal sealed class CompletionTests : GatewayTestBase
{
    [TestCase("bash", "complete -o default -F _openshell openshell")]
    [TestCase("zsh", "compdef _openshell openshell")]
    [TestCase("fish", "complete -c openshell")]
    [TestCase("powershell", "Register-ArgumentCompleter -Native -CommandName openshell")]
    public async Task Completion_Shell_PrintsAScriptThatAsksUs(string shell, string line)
    {
        var result = await Cli.RunAsync("completion", shell);

        Assert.That(result.ExitCode, Is.Zero);
        Assert.That(result.Out, Does.Contain(line).And.Contain("__complete --"));
    }

    [TestCase(
        "attach\ncompletion\ncp\nexec\nforward\nfwd\ngateway\nhelp\ninspect\nlogs\nls\nps\nrestart\nrm\nrun\nsandbox\nsb\nssh-key\n"
        + "ssh-proxy\nstart\nstatus\nstop\nwait\nwhoami\nworkspace\nws", "")]
    [TestCase("sandbox", "san")]
    [TestCase("attach\nconnect\ncreate\ndelete\ndownload\nexec\nget\nlist\nls\nrestart\nshell\nssh-access\nssh-config\nstart\nstop\nupload\nwait", "sandbox", "")]
    [TestCase("--names", "sandbox", "list", "--nam")]
    [TestCase("--gateway\n--gateway-endpoint", "sandbox", "list", "--gate")]
    [TestCase("json\ntable\nyaml", "sandbox", "list", "-o", "")]
    [TestCase("yaml", "sandbox", "list", "--output", "y")]
    [TestCase("alpha\nbeta", "sandbox", "get", "")]
    [TestCase("beta", "sandbox", "exec", "b")]
    [TestCase("alpha\nbeta", "sandbox", "exec", "-n", "")]
    [TestCase("beta", "sandbox", "delete", "alpha", "be")]
    [TestCase("", "sandbox", "exec", "alpha", "--", "")]
    [TestCase("here", "gateway", "select", "")]
    [TestCase("here", "--gateway", "")]
    [TestCase("bash\nfish\npowershell\nzsh", "completion", "")]
    [TestCase("alpha:\nbeta:", "cp", "")]
    [TestCase("create", "help", "sandbox", "cr")]
    [TestCase("", "exec", "alpha", "")]
    public async Task Complete_Words_AnswersWhatTheLastCanBecome(string answers, params string[] words)
    {
        Gateway.Add("alpha");
        Gateway.Add("beta");
        await Cli.RunAsync("gateway", "add", Gateway.Endpoint, "--name", "here");

        var result = await Cli.RunAsync(["__complete", "--", .. words]);

        var own = result.Out.TrimEnd()
            .Replace("completions\n", "", StringComparison.Ordinal)
            .Replace("gw\n", "", StringComparison.Ordinal);
        Assert.That(own, Is.EqualTo(answers));
        Assert.That(result.ExitCode, Is.Zero);
    }

    [Test]
    public async Task Complete_NoGateway_AnswersNothing()
    {
        await Gateway.DisposeAsync();

        var result = await Cli.RunAsync("__complete", "--", "sandbox", "get", "");

        Assert.That(result, Is.EqualTo(new CliResult(0, "", "")));
    }
}
