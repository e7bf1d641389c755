using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using OpenShell.Protocol.Extensions.V1;
using OpenShell.Protocol.V1;
using OpenShell.TestKit;

namespace OpenShell.Functional;

/// <summary>OpenSSH's client at the public SSH gateway, with no program of ours on its side.</summary>
public sealed class SshGatewayTests : SshGatewayTest
{
    protected override string[] GatewayArguments => [.. base.GatewayArguments, "--max-ssh-connections-per-sandbox", "20"];

    [Test]
    public async Task Command_InputOutputsAndCode()
    {
        var outcome = await SshAsync(await GrantAsync(), "in\n"u8.ToArray(), "cat; echo err >&2; exit 4");

        Assert.That((outcome.ExitCode, outcome.Text, outcome.Error), Is.EqualTo((4, "in\n", "err\n")));
    }

    [Test]
    public async Task Command_EndsByASignal_IsToldAsOne()
    {
        var outcome = await SshAsync(await GrantAsync(), [], "kill -TERM $$");

        Assert.That(outcome.ExitCode, Is.EqualTo(255), "OpenSSH's code for an exit-signal");
    }

    [Test]
    public async Task Command_MuchBothWays_ArrivesWhole()
    {
        var data = RandomNumberGenerator.GetBytes(32 << 20);

        var outcome = await SshAsync(await GrantAsync(), data, "cat");

        Assert.That(outcome.Output.AsSpan().SequenceEqual(data), Is.True, outcome.Error);
    }

    [Test]
    public async Task Shell_OnATerminal_HasItsSize()
    {
        var outcome = await SshAsync(await GrantAsync(), "stty size; exit 3\n"u8.ToArray(), "-tt");

        Assert.That(outcome.ExitCode, Is.EqualTo(3), outcome.Text + outcome.Error);
        Assert.That(outcome.Text, Does.Match(@"\d+ \d+\r\n"));
    }

    [Test]
    public async Task Sftp_PutAndGet_AreTheSameFile()
    {
        var access = await GrantAsync();
        var data = RandomNumberGenerator.GetBytes(3 << 20);
        await File.WriteAllBytesAsync(Directory.File("up"), data);
        var remote = Directory.File("in-sandbox");

        foreach (var pair in (string[][])[[Directory.File("up"), $"{access.Host}:{remote}"], [$"{access.Host}:{remote}", Directory.File("down")]])
        {
            var outcome = await SshClient.RunAsync("scp", [], [.. To(access), "-o", "IdentityFile=none", .. pair]);
            Assert.That(outcome.ExitCode, Is.Zero, outcome.Error);
        }

        Assert.That(await File.ReadAllBytesAsync(Directory.File("down")), Is.EqualTo(data));
    }

    [Test]
    public async Task LocalForward_LeadsToThePortOfTheSandbox()
    {
        var access = await GrantAsync();
        using var target = new TcpListener(IPAddress.Loopback, 0);
        target.Start();
        var port = ((IPEndPoint)target.LocalEndpoint).Port;
        var running = SshAsync(access, "up"u8.ToArray(), "-W", string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{port}"));
        using var accepted = await Eventually.EndsAsync(target.AcceptSocketAsync(), "the forward connects");

        var buffer = new byte[16];
        var count = await Eventually.EndsAsync(accepted.ReceiveAsync(buffer), "what was sent arrives");
        await accepted.SendAsync("down"u8.ToArray());
        accepted.Shutdown(SocketShutdown.Both);

        Assert.That(Encoding.ASCII.GetString(buffer, 0, count), Is.EqualTo("up"));
        Assert.That((await running).Text, Is.EqualTo("down"));
    }

    [Test]
    public async Task SandboxIsStopped_SaysSo()
    {
        var access = await GrantAsync();
        await Gateway.Client.StopSandboxAsync(new StopSandboxRequest { WorkspaceScope = Scope.Default, Name = Sandbox.Metadata.Name });
        await Gateway.WaitForPhaseAsync(Sandbox.Metadata.Name, SandboxPhase.Stopped);

        var outcome = await SshAsync(access, [], "true");

        Assert.That(outcome.ExitCode, Is.EqualTo(255));
        Assert.That(outcome.Error, Does.Contain("openshell: sandbox is not ready (phase Stopped)"));
    }

    [Test]
    public async Task Revoke_LiveConnection_IsCutAndItsProcessEnded()
    {
        var access = await GrantAsync();
        using var client = SshClient.Start("ssh", [.. To(access), "-o", "IdentityFile=none", access.Host, "echo up; exec sleep 300"]);
        Assert.That(await Eventually.EndsAsync(client.StandardOutput.ReadLineAsync(), "the command runs"), Is.EqualTo("up"));
        var listed = await Access.ListSshAccessAsync(new ListSshAccessRequest { WorkspaceScope = Scope.Default, Sandbox = Sandbox.Metadata.Name }, Headers);
        Assert.That(listed.Access.Single().Connections, Is.EqualTo(1));

        await Access.RevokeSshAccessAsync(new RevokeSshAccessRequest { Id = access.Access.Id }, Headers);

        await Eventually.EndsAsync(client.WaitForExitAsync(), "the client ends");
        Assert.That(client.ExitCode, Is.EqualTo(255));
        await Driver.Service.Machine(Sandbox.Metadata.Id).BecomesIdleAsync();
        await AssertRefusedAsync(access);
        Assert.That((await Access.ListSshAccessAsync(new ListSshAccessRequest { WorkspaceScope = Scope.Default }, Headers)).Access, Is.Empty);
    }

    [Test]
    public async Task WrongSecret_IsRefusedAndAfterTenTheAddressIsNotListenedTo()
    {
        var access = await GrantAsync();
        var guessed = access.Clone();
        guessed.Token = access.Token[..^1] + (access.Token[^1] == '0' ? '1' : '0');

        for (var i = 0; i < 10; i++)
        {
            await AssertRefusedAsync(guessed);
        }

        var outcome = await SshAsync(access, [], "true");
        Assert.That(outcome.ExitCode, Is.EqualTo(255), "the good token does not help, either");
        Assert.That(Gateway.Log, Does.Contain("its access token is unknown, expired or revoked"));
        Assert.That(Gateway.Log, Does.Not.Contain(access.Token.Split('.')[1][..16]), "no secret is logged");
    }

    [Test]
    public async Task Expired_IsRefused()
    {
        var access = await GrantAsync(seconds: 1);
        await Eventually.BecomesTrueAsync(
            async () => (await Access.ListSshAccessAsync(new ListSshAccessRequest { WorkspaceScope = Scope.Default }, Headers)).Access.Count == 0, () => "the token expires");

        await AssertRefusedAsync(access);
    }

    [Test]
    public async Task PasswordIsNotOffered()
    {
        var access = await GrantAsync();

        var outcome = await SshClient.RunAsync(
            "ssh", [], [.. To(access, "nobody"), "-o", "IdentityFile=none", "-o", "PreferredAuthentications=password,keyboard-interactive", access.Host, "true"]);

        Assert.That(outcome.ExitCode, Is.EqualTo(255));
        Assert.That(outcome.Error, Does.Contain("Permission denied (publickey)"));
    }

    [Test]
    public async Task RegisteredKey_ComesInWithTheSandboxesNameUntilItIsRemoved()
    {
        var access = await GrantAsync();
        var key = Directory.File("id");
        using (var keygen = System.Diagnostics.Process.Start("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-C", "me@here", "-f", key]))
        {
            await keygen.WaitForExitAsync();
        }

        string[] arguments = [.. To(access, Sandbox.Metadata.Name), "-i", key, "-o", "IdentitiesOnly=yes", access.Host, "echo in"];
        Assert.That((await SshClient.RunAsync("ssh", [], arguments)).ExitCode, Is.EqualTo(255), "before it is registered");

        var added = await Access.AddSshKeyAsync(new AddSshKeyRequest { PublicKey = await File.ReadAllTextAsync(key + ".pub") }, Headers);

        Assert.That((added.Key.Type, added.Key.Comment), Is.EqualTo(("ssh-ed25519", "me@here")));
        Assert.That((await SshClient.RunAsync("ssh", [], arguments)).Text, Is.EqualTo("in\n"));
        await Access.RemoveSshKeyAsync(new RemoveSshKeyRequest { Fingerprint = added.Key.Fingerprint }, Headers);
        Assert.That((await SshClient.RunAsync("ssh", [], arguments)).ExitCode, Is.EqualTo(255), "after it is removed");
    }

    [Test]
    public async Task OneConnectionMoreThanTheLimit_IsToldWhy()
    {
        var access = await GrantAsync();
        var clients = Enumerable.Range(0, 20).Select(_ => SshClient.Start("ssh", [.. To(access), "-o", "IdentityFile=none", access.Host, "echo up; exec sleep 300"])).ToArray();
        try
        {
            foreach (var client in clients)
            {
                Assert.That(await Eventually.EndsAsync(client.StandardOutput.ReadLineAsync(), "the command runs"), Is.EqualTo("up"));
            }

            var outcome = await SshAsync(access, [], "true");

            Assert.That(outcome.ExitCode, Is.EqualTo(255));
            Assert.That(outcome.Error, Does.Contain("openshell: the sandbox has 20 SSH connections, which is the limit; close some, or raise the gateway's --max-ssh-connections-per-sandbox"));
        }
        finally
        {
            foreach (var client in clients)
            {
                client.Kill();
                client.Dispose();
            }
        }

        await Driver.Service.Machine(Sandbox.Metadata.Id).BecomesIdleAsync();
    }

    [Test]
    public async Task FiveHundredSilentConnections_OthersGetIn()
    {
        var access = await GrantAsync();
        List<Socket> silent = [];
        try
        {
            for (var i = 0; i < 500; i++)
            {
                var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
                silent.Add(socket);
                await socket.ConnectAsync(access.Host, (int)access.Port);
            }

            Assert.That((await SshAsync(access, [], "echo in")).Text, Is.EqualTo("in\n"));
        }
        finally
        {
            silent.ForEach(socket => socket.Dispose());
        }
    }

    private static async Task AssertRefusedAsync(CreateSshAccessResponse access)
    {
        var outcome = await SshAsync(access, [], "true");
        Assert.That((outcome.ExitCode, outcome.Error.Trim()), Is.EqualTo((255, $"{access.Token}@{access.Host}: Permission denied (publickey).")));
    }
}
