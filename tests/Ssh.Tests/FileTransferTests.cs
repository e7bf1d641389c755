using System.Diagnostics;
using OpenShell.TestKit;

namespace OpenShell.Ssh.Tests;

/// <summary>scp, sftp and rsync, both ways. The supervisor sees the test's files.</summary>
public sealed class FileTransferTests : SandboxTest
{
    [TestCase("-r")]
    [TestCase("-r", "-O")]
    public async Task Scp_Directory_BothWays(params string[] options)
    {
        var source = await MakeTreeAsync();

        var up = await SshClient.RunProgramAsync("scp", Server.Socket, [], [.. options, source, $"{SshClient.Host}:{Server.File("there")}"]);
        var down = await SshClient.RunProgramAsync("scp", Server.Socket, [], [.. options, $"{SshClient.Host}:{Server.File("there")}", Server.File("back")]);

        Assert.That((up.ExitCode, down.ExitCode), Is.EqualTo((0, 0)), up.Error + down.Error);
        AssertSame(source, Server.File("back"));
    }

    [Test]
    public async Task Sftp_Batch_PutGetRenameList()
    {
        var source = await MakeTreeAsync();
        var batch = Server.File("batch");
        await File.WriteAllLinesAsync(batch,
        [
            $"put {source}/big {Server.File("remote")}",
            $"rename {Server.File("remote")} {Server.File("renamed")}",
            $"get {Server.File("renamed")} {Server.File("local")}",
            $"ls -l {Server.File("renamed")}",
        ]);

        var outcome = await SshClient.RunProgramAsync("sftp", Server.Socket, [], "-b", batch, SshClient.Host);

        Assert.That(outcome.ExitCode, Is.Zero, outcome.Error);
        Assert.That(await File.ReadAllBytesAsync(Server.File("local")), Is.EqualTo(await File.ReadAllBytesAsync(Path.Combine(source, "big"))));
    }

    [Test]
    public async Task Rsync_Twice_SecondSendsNothing()
    {
        var source = await MakeTreeAsync();
        await RsyncAsync(source);

        var second = await RsyncAsync(source);

        AssertSame(source, Server.File("synced"));
        Assert.That(second, Does.Contain("Number of regular files transferred: 0"));
    }

    [Test]
    public async Task Subsystem_ThatIsNone_IsRefused()
    {
        var outcome = await RunAsync("-s", SshClient.Host, "no-such-subsystem");

        Assert.That((outcome.ExitCode, outcome.Error.TrimEnd()), Is.EqualTo((255, "subsystem request failed on channel 0")));
    }

    private async Task<string> RsyncAsync(string source)
    {
        var shell = string.Join(' ', SshClient.Options(Server.Socket).Prepend("ssh").Select(word => $"'{word}'"));
        using var rsync = Process.Start(new ProcessStartInfo(
            "rsync", ["-a", "--stats", "-e", shell, source + "/", $"{SshClient.Host}:{Server.File("synced")}"])
        {
            RedirectStandardOutput = true,
        })!;
        var output = rsync.StandardOutput.ReadToEndAsync();
        await Eventually.EndsAsync(rsync.WaitForExitAsync(), "rsync ends");
        Assert.That(rsync.ExitCode, Is.Zero);
        return await output;
    }

    private async Task<string> MakeTreeAsync()
    {
        var source = Server.File("source");
        Directory.CreateDirectory(Path.Combine(source, "sub/empty"));
        var big = new byte[20 << 20];
        Random.Shared.NextBytes(big);
        await File.WriteAllBytesAsync(Path.Combine(source, "big"), big);
        await File.WriteAllTextAsync(Path.Combine(source, "sub/small with spaces"), "small\n");
        return source;
    }

    private static void AssertSame(string expected, string actual)
    {
        using var diff = Process.Start("diff", ["-r", expected, actual]);
        diff.WaitForExit();
        Assert.That(diff.ExitCode, Is.Zero, $"{actual} is as {expected}");
    }
}
