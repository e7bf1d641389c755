using System.Security.Cryptography;
using OpenShell.TestKit;

namespace OpenShell.Ssh.Tests;

/// <summary>Commands and shells: what goes in, what comes out, and how it ends.</summary>
public sealed class CommandTests : SandboxTest
{
    [TestCase("true", 0)]
    [TestCase("false", 1)]
    [TestCase("exit 42", 42)]
    [TestCase("no-such-program", 127)]
    public async Task Exec_CommandEnds_ItsCodeIsTheClients(string command, int code)
    {
        var outcome = await RunAsync(SshClient.Host, command);

        Assert.That(outcome.ExitCode, Is.EqualTo(code), outcome.Error);
    }

    // OpenSSH has no code for a signal; -v says that it was told one.
    [Test]
    public async Task Exec_CommandKilledBySignal_ClientIsToldTheSignal()
    {
        var outcome = await RunAsync("-v", "-o", "LogLevel=DEBUG1", SshClient.Host, "kill -TERM $$");

        Assert.That(outcome.ExitCode, Is.EqualTo(255));
        Assert.That(outcome.Error, Does.Contain("rtype exit-signal"));
    }

    [Test]
    public async Task Exec_OutputAndError_StayApart()
    {
        var outcome = await RunAsync(SshClient.Host, "echo out; echo err >&2");

        Assert.That((outcome.ExitCode, outcome.Text, outcome.Error), Is.EqualTo((0, "out\n", "err\n")));
    }

    [Test]
    public async Task Exec_EndOfInput_EndsCommandsInputOnly()
    {
        var outcome = await RunWithInputAsync("x\n"u8.ToArray(), SshClient.Host, "cat; echo after");

        Assert.That((outcome.ExitCode, outcome.Text), Is.EqualTo((0, "x\nafter\n")));
    }

    [Test]
    public async Task Exec_OutputClosedEarly_ItsExitStillCounts()
    {
        var outcome = await RunAsync(SshClient.Host, "exec >&- 2>&-; sleep 0.3; exit 5");

        Assert.That(outcome.ExitCode, Is.EqualTo(5));
    }

    [Test]
    public async Task Exec_QuotesAndBytes_ShellGetsThemUnchanged()
    {
        var outcome = await RunAsync(SshClient.Host, "printf '%s|' \"a  b\" 'c\"d' $((1+1)) 'é\n'");

        Assert.That(outcome.Text, Is.EqualTo("a  b|c\"d|2|é\n|"));
    }

    [Test]
    public async Task Exec_Environment_SandboxesAndUsersOwn()
    {
        var outcome = await RunAsync(SshClient.Host, "echo $FROM_SANDBOX $HOME $USER $OPENSHELL_SANDBOX $PWD");

        Assert.That(outcome.Text, Is.EqualTo("yes /root root 1 /root\n"));
    }

    [Test]
    public async Task Env_ServersOwnNames_AreRefusedAndOthersTaken()
    {
        var outcome = await RunAsync(
            "-o", "SetEnv=MINE=1 PATH=/nowhere HOME=/nowhere OPENSHELL_SANDBOX=0", SshClient.Host, "echo $MINE $HOME $OPENSHELL_SANDBOX; true");

        Assert.That((outcome.ExitCode, outcome.Text), Is.EqualTo((0, "1 /root 1\n")));
    }

    [Test]
    public async Task Shell_WithoutTerminal_ReadsItsInput()
    {
        var outcome = await RunWithInputAsync("echo in $PWD\nexit 3\n"u8.ToArray(), "-T", SshClient.Host);

        Assert.That((outcome.ExitCode, outcome.Text), Is.EqualTo((3, "in /root\n")));
    }

    [Test]
    public async Task Exec_BackgroundChildHoldsThePipe_ClientEnds()
    {
        var outcome = await RunAsync(SshClient.Host, "sleep 300 & echo started");

        Assert.That((outcome.ExitCode, outcome.Text), Is.EqualTo((0, "started\n")));
    }

    [TestCase("aes128-gcm@openssh.com")]
    [TestCase("chacha20-poly1305@openssh.com")]
    public async Task Exec_MuchOutput_ArrivesWhole(string cipher)
    {
        const int Mebibytes = 256;
        var file = Server.File("data");
        var hash = await MakeFileAsync(file, Mebibytes);

        var outcome = await RunAsync("-c", cipher, SshClient.Host, $"cat {file}");

        Assert.That(outcome.ExitCode, Is.Zero, outcome.Error);
        Assert.That(Convert.ToHexStringLower(SHA256.HashData(outcome.Output)), Is.EqualTo(hash));
    }

    [Test]
    public async Task Exec_MuchInput_ArrivesWhole()
    {
        var input = RandomNumberGenerator.GetBytes(64 * 1024 * 1024);

        var outcome = await RunWithInputAsync(input, SshClient.Host, "sha256sum");

        Assert.That(outcome.Text, Does.StartWith(Convert.ToHexStringLower(SHA256.HashData(input))));
    }

    // Both sides agree on new keys again and again while data is on its way.
    [Test]
    public async Task Exec_KeysAreExchangedAgain_DataArrivesWhole()
    {
        var file = Server.File("data");
        var hash = await MakeFileAsync(file, 24);

        var outcome = await RunAsync("-o", "RekeyLimit=1M", SshClient.Host, $"cat {file}");

        Assert.That(outcome.ExitCode, Is.Zero, outcome.Error);
        Assert.That(Convert.ToHexStringLower(SHA256.HashData(outcome.Output)), Is.EqualTo(hash));
    }

    // What the client asks now and then while nothing comes, and gives the connection up without: global requests, whose
    // answers are packets 81 or 82 (RFC 4254, section 4).
    [Test]
    public async Task KeepAlive_SilentCommand_IsAnswered()
    {
        using var client = SshClient.Start(
            "ssh", Server.Socket, "-o", "ServerAliveInterval=1", "-o", "ServerAliveCountMax=1000", "-vvv", SshClient.Host, "read line; echo $line");
        for (var answers = 0; answers < 2; answers++)
        {
            await Eventually.EndsAsync(
                SshClient.FindLineAsync(client.StandardError, line => line.Contains("receive packet: type 81", StringComparison.Ordinal)
                    || line.Contains("receive packet: type 82", StringComparison.Ordinal)),
                "the client is answered");
        }

        var errors = client.StandardError.ReadToEndAsync();
        await client.StandardInput.WriteLineAsync("still here");
        client.StandardInput.Close();
        Assert.That(await Eventually.EndsAsync(client.StandardOutput.ReadToEndAsync(), "the command ends"), Is.EqualTo("still here\n"), await errors);
    }

    private static async Task<string> MakeFileAsync(string path, int mebibytes)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        await using var file = File.Create(path);
        for (var i = 0; i < mebibytes; i++)
        {
            var piece = RandomNumberGenerator.GetBytes(1024 * 1024);
            hash.AppendData(piece);
            await file.WriteAsync(piece);
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
