using OpenShell.Cli.Tests.Fakes;

namespace OpenShell.Cli.Tests;

/// <summary>How <c>sandbox connect</c> calls ssh: the real program, and an ssh that prints its words.</summary>
[TestFixture]
internal sealed class ConnectTests : GatewayTestBase
{
    private const UnixFileMode Executable = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    private string Alias => $"openshell-alpha.at_127.0.0.1_{new Uri(Gateway.Endpoint).Port}";

    [SetUp]
    public void AddSandboxAndSsh()
    {
        if (!File.Exists("/usr/bin/script"))
        {
            Assert.Ignore("script(1) of util-linux is not installed");
        }

        Gateway.Add("alpha");
        var ssh = Cli.WriteFile("bin/ssh", "#!/bin/sh\nfor word; do printf '<%s>' \"$word\"; done\n", Executable);
        Cli.Environment["PATH"] = $"{Path.GetDirectoryName(ssh)}:{Environment.GetEnvironmentVariable("PATH")}";
    }

    [Test]
    public async Task Connect_OnATerminal_AttachesToTheMainProcess()
    {
        var words = await RunAsync("$CLI sandbox connect alpha");

        Assert.That(words, Does.Contain($"<-tt><-s><--><{Alias}><openshell-main>"));
        Assert.That(words, Does.Contain("<LogLevel=ERROR>").And.Not.Contain("token"));
    }

    [Test]
    public async Task Connect_WithoutATerminal_AsksForNone()
    {
        var words = await RunAsync("$CLI sandbox connect alpha </dev/null | cat");

        Assert.That(words, Does.Contain($"<-T><-s><--><{Alias}><openshell-main>"));
    }

    [Test]
    public async Task Connect_WithACommand_RunsThatInTheSandboxThatWasUsedLast()
    {
        var words = await RunAsync("$CLI sandbox connect alpha >/dev/null; $CLI -vv sandbox connect --no-tty -- ls -l");

        Assert.That(words, Does.Contain("→ Using sandbox 'alpha' (last used)").And.Contain($"<-T><--><{Alias}><ls><-l>"));
        Assert.That(words, Does.Contain("<LogLevel=DEBUG>"));
    }

    private async Task<string> RunAsync(string line)
    {
        await using var run = PtyRun.Start(line, Cli.Environment);
        return await run.EndAsync();
    }
}
