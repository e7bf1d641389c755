using System.Diagnostics;
using System.Security.Cryptography;
using OpenShell.TestKit;

namespace OpenShell.Vm;

/// <summary>SSH into a machine whose image has neither a C library nor an sftp-server.</summary>
public sealed class SshTests : VmTest
{
    [Test]
    public async Task Ssh_TinyImage_RunsCommandsAndCopiesFiles()
    {
        var sandbox = await BootAsync();
        await using var forward = await SshForward.OpenAsync(Gateway, sandbox, Directory.File("ssh"));
        var data = RandomNumberGenerator.GetBytes(3 << 20);
        await File.WriteAllBytesAsync(Directory.File("up"), data);

        var command = await RunAsync(forward, "ssh", SshClient.Host, "echo $PWD; exit 3");
        var up = await RunAsync(forward, "scp", Directory.File("up"), $"{SshClient.Host}:/root/there");
        var down = await RunAsync(forward, "scp", $"{SshClient.Host}:/root/there", Directory.File("down"));

        Assert.That((command.ExitCode, command.Text), Is.EqualTo((3, "/root\n")), command.Error);
        Assert.That((up.ExitCode, down.ExitCode), Is.EqualTo((0, 0)), up.Error + down.Error);
        Assert.That(await File.ReadAllBytesAsync(Directory.File("down")), Is.EqualTo(data));
        Assert.That(await FingerprintAsync(forward), Is.EqualTo(forward.Fingerprint));
        var file = await ShellAsync(sandbox, "ls -ld /run/openshell /run/openshell/ssh.sock /var/lib/openshell/ssh_host_ed25519_key | cut -c1-10; touch /run/openshell-sftp/x 2>&1");
        Assert.That(file.Text, Is.EqualTo("drwx------\nsrw-------\n-rw-------\ntouch: /run/openshell-sftp/x: Read-only file system\n"));
    }

    private static Task<SshOutcome> RunAsync(SshForward forward, string program, params string[] arguments) =>
        SshClient.RunProgramAsync(program, forward.Path, [], arguments);

    // What ssh notes of a host that it has not seen, as ssh-keygen shows it: "256 SHA256:… box (ED25519)".
    private async Task<string> FingerprintAsync(SshForward forward)
    {
        var known = Directory.File("known");
        using var ssh = Process.Start("ssh", ["-o", $"UserKnownHostsFile={known}", .. SshClient.Options(forward.Path), SshClient.Host, "true"]);
        await Eventually.EndsAsync(ssh.WaitForExitAsync(), "ssh ends");
        using var keygen = Process.Start(new ProcessStartInfo("ssh-keygen", ["-l", "-f", known]) { RedirectStandardOutput = true })!;
        return (await keygen.StandardOutput.ReadToEndAsync()).Split(' ')[1];
    }
}
