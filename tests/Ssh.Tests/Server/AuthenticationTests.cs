using System.Diagnostics;
using OpenShell.Ssh.Abstractions;
using OpenShell.TestKit;

namespace OpenShell.Ssh.Tests.Server;

/// <summary>Who comes in, and how.</summary>
public sealed class AuthenticationTests : ServerTest
{
    [Test]
    public async Task None_RightUser_ComesIn()
    {
        Start(new FakeAuthenticator { User = "token" });

        var outcome = await RunAsync("-l", "token", SshClient.Host, "hello");

        Assert.That((outcome.ExitCode, outcome.Text), Is.EqualTo((7, "hello")), outcome.Error);
    }

    [Test]
    public async Task None_WrongUser_IsRefused()
    {
        Start(new FakeAuthenticator { User = "token" });

        var outcome = await RunAsync("-l", "wrong", SshClient.Host, "hello");

        Assert.That(outcome.ExitCode, Is.EqualTo(255));
        Assert.That(outcome.Error, Does.Contain("Permission denied (publickey)"));
    }

    [Test]
    public async Task Password_IsNotEvenOffered()
    {
        Start(new FakeAuthenticator { User = "token" });

        var outcome = await RunAsync("-o", "PreferredAuthentications=password", SshClient.Host, "hello");

        Assert.That(outcome.Error, Does.Contain("Permission denied").And.Not.Contain("password"));
    }

    [Test]
    public async Task PublicKey_RightKey_ComesIn()
    {
        var (file, key) = await MakeKeyAsync("right");
        Start(new FakeAuthenticator { Methods = SshAuthenticationMethods.PublicKey, Key = key });

        var outcome = await RunAsync("-i", file, SshClient.Host, "hello");

        Assert.That(outcome.Text, Is.EqualTo("hello"), outcome.Error);
    }

    [Test]
    public async Task PublicKey_OtherKey_IsRefused()
    {
        var (file, _) = await MakeKeyAsync("wrong");
        Start(new FakeAuthenticator { Methods = SshAuthenticationMethods.PublicKey, Key = (await MakeKeyAsync("right")).Key });

        var outcome = await RunAsync("-i", file, SshClient.Host, "hello");

        Assert.That((outcome.ExitCode, outcome.Text), Is.EqualTo((255, "")));
    }

    [Test]
    public async Task Attempts_TooMany_ConnectionIsClosed()
    {
        var (first, _) = await MakeKeyAsync("first");
        var (second, _) = await MakeKeyAsync("second");
        var (third, key) = await MakeKeyAsync("third");
        Start(
            new FakeAuthenticator { Methods = SshAuthenticationMethods.PublicKey, Key = key },
            new SshServerOptions { MaxAuthenticationAttempts = 2 });

        var outcome = await RunAsync("-i", first, "-i", second, "-i", third, SshClient.Host, "hello");

        Assert.That((outcome.ExitCode, outcome.Text), Is.EqualTo((255, "")), "the third key is the right one, and too late");
    }

    private async Task<(string File, string Key)> MakeKeyAsync(string name)
    {
        var file = Directory.File(name);
        using var keygen = Process.Start("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-C", "", "-f", file]);
        await Eventually.EndsAsync(keygen.WaitForExitAsync(), "a key is made");
        return (file, (await File.ReadAllTextAsync(file + ".pub")).Trim());
    }
}
