using System.Security.Cryptography;
using OpenShell.TestKit;

namespace OpenShell.Functional;

/// <summary>The commands that lead the system's ssh into a sandbox: connect, ssh-config and the ssh-proxy under both.</summary>
public sealed class SshCommandTests : FunctionalTest
{
    private string _name = "";

    [SetUp]
    public async Task CreateAsync() => _name = (await Gateway.CreateReadyAsync()).Metadata.Name;

    [TestCase("exit 0", 0)]
    [TestCase("exit 7", 7)]
    public async Task Connect_Command_PrintsItsOutputAndEndsWithItsCode(string end, int code)
    {
        var outcome = await RunAsync([], "sandbox", "connect", _name, "--", $"echo out; echo err >&2; {end}");

        Assert.That((outcome.ExitCode, outcome.Text), Is.EqualTo((code, "out\n")), outcome.Error);
        Assert.That(outcome.Error, Is.EqualTo("err\n"), "nothing of ssh or of ours comes between");
    }

    [Test]
    public async Task Connect_SixtyFourMebibytesThroughCat_ComeBackWhole()
    {
        var sent = RandomNumberGenerator.GetBytes(64 * 1024 * 1024);

        var outcome = await RunAsync(sent, "sandbox", "connect", _name, "--", "cat");

        Assert.That(outcome.ExitCode, Is.Zero, outcome.Error);
        Assert.That(SHA256.HashData(outcome.Out), Is.EqualTo(SHA256.HashData(sent)));
    }

    [Test]
    public async Task Connect_WithoutName_TakesTheLastOneAndSaysSo()
    {
        await RunAsync([], "sandbox", "connect", _name, "--", "true");
        await Gateway.CreateReadyAsync();

        var outcome = await RunAsync([], "sandbox", "connect", "--", "echo here");

        Assert.That((outcome.ExitCode, outcome.Text), Is.EqualTo((0, "here\n")), outcome.Error);
        Assert.That(outcome.Error, Does.Contain(_name));
    }

    private Task<CliOutcome> RunAsync(byte[]? input, params string[] arguments) => CliProcess.RunAsync(Gateway, Directory, input, arguments);
}
