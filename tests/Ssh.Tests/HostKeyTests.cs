using System.Diagnostics;
using OpenShell.Ssh.Keys;
using OpenShell.TestKit;

namespace OpenShell.Ssh.Tests;

/// <summary>The sandbox's host key and the socket's protection.</summary>
public sealed class HostKeyTests
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    [Test]
    public void Generate_ThenParse_IsTheSameKey()
    {
        var key = SshHostKey.Generate();

        var parsed = SshHostKey.TryParse(key.PrivateText);

        Assert.That(parsed!.PublicBase64, Is.EqualTo(key.PublicBase64));
        Assert.That(parsed.Fingerprint, Does.StartWith("SHA256:").And.EqualTo(key.Fingerprint));
    }

    [Test]
    public void TryParse_NoKey_IsNull() => Assert.That(SshHostKey.TryParse("no key"), Is.Null);

    [Test]
    public async Task Restart_SameSandbox_KeepsItsKeyAndACopyGetsAnother()
    {
        var first = await SandboxServer.StartAsync("sandbox-1");
        var key = await ScanAsync(first);
        Assert.That(File.GetUnixFileMode(first.HostKeyFile), Is.EqualTo(OwnerOnly));
        Assert.That(File.GetUnixFileMode(first.Socket), Is.EqualTo(OwnerOnly));
        Assert.That(File.GetUnixFileMode(Path.GetDirectoryName(first.Socket)!), Is.EqualTo(OwnerOnly | UnixFileMode.UserExecute));
        var directory = await first.StopAsync();

        var second = await SandboxServer.StartAsync("sandbox-1", directory);
        Assert.That(await ScanAsync(second), Is.EqualTo(key));
        await second.StopAsync();

        await using var copy = await SandboxServer.StartAsync("sandbox-2", directory);
        Assert.That(await ScanAsync(copy), Is.Not.EqualTo(key));
    }

    // What the client notes of a host that it has not seen.
    private static async Task<string> ScanAsync(SandboxServer server)
    {
        var known = server.File("known_hosts");
        File.Delete(known);
        var start = new ProcessStartInfo("ssh", ["-o", $"UserKnownHostsFile={known}", .. SshClient.Options(server.Socket), SshClient.Host, "true"]);
        using var process = Process.Start(start)!;
        await Eventually.EndsAsync(process.WaitForExitAsync(), "ssh ends");
        return await File.ReadAllTextAsync(known);
    }
}
