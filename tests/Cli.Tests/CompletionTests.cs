using OpenShell.Cli.Tests.Fakes;

namespace OpenShell.Cli.Tests;

[TestFixture]
internal sealed class CompletionTests : GatewayTestBase
{
    [TestCase("bash", "complete -o default -F _openshell openshell")]
    [TestCase("zsh", "compdef _openshell openshell")]
    [TestCase("fish", "complete -c openshell")]
    public async Task Completion_Shell_PrintsAScriptThatAsksUs(string shell, string line)
    {
        var result = await Cli.RunAsync("completion", shell);

        Assert.That(result.ExitCode, Is.Zero);
        Assert.That(result.Out, Does.Contain(line).And.Contain("__complete --"));
    }

    [TestCase("completion\nforward\ngateway\nlogs\nsandbox\nsb\nssh-key\nssh-proxy\nstatus", "")]
    [TestCase("sandbox", "san")]
    [TestCase("attach\nconnect\ncreate\ndelete\ndownload\nexec\nget\nlist\nshell\nssh-access\nssh-config\nstart\nstop\nupload", "sandbox", "")]
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
    [TestCase("bash\nfish\nzsh", "completion", "")]
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
