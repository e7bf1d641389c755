using System.Diagnostics;
using OpenShell.TestKit;

namespace OpenShell.Ssh.Tests;

/// <summary>The subsystem openshell-main: clients of the main process.</summary>
public sealed class MainProcessTests
{
    private SandboxServer _server = null!;

    [TearDown]
    public async Task StopAsync() => await _server.DisposeAsync();

    [Test]
    public async Task Attach_PlainProcess_ReplaysAndOwnsTheInput()
    {
        await StartAsync(tty: false, "/bin/sh", "-c", "echo before; while read -r line; do echo \"got $line\"; done");
        using var owner = Attach();
        Assert.That(await LineAsync(owner), Is.EqualTo("before"));
        await SendAsync(owner, "one\n");
        Assert.That(await LineAsync(owner), Is.EqualTo("got one"));

        using var watcher = Attach();
        Assert.That(await LineAsync(watcher), Is.EqualTo("before"), "what was written before comes again");
        Assert.That(await LineAsync(watcher), Is.EqualTo("got one"));
        await SendAsync(watcher, "two\n");
        await SendAsync(owner, "three\n");
        Assert.That(await LineAsync(watcher), Is.EqualTo("got three"), "a client without the input only watches");
        Assert.That(await LineAsync(owner), Is.EqualTo("got three"));

        // The end of a client's input is not the end of the process's.
        owner.StandardInput.Close();
        watcher.Kill();
        await Eventually.EndsAsync(watcher.WaitForExitAsync(), "the killed client ends");
        using var late = Attach();
        Assert.That(await LineAsync(late), Is.EqualTo("before"));
        owner.Kill();
        Assert.That(await watcher.StandardError.ReadToEndAsync(), Does.Contain("this one can only watch"));
    }

    [Test]
    public async Task Attach_ProcessEnds_ItsCodeIsTheClients()
    {
        await StartAsync(tty: false, "/bin/sh", "-c", "read -r code; exit $code");
        using var client = Attach();
        await SendAsync(client, "7\n");
        await Eventually.EndsAsync(client.WaitForExitAsync(), "the client ends");
        Assert.That(client.ExitCode, Is.EqualTo(7));
    }

    [TestCase(true)]
    [TestCase(false)]
    public async Task Attach_DetachKeys_LeaveTheShell(bool controlD)
    {
        var keys = controlD ? "\x04" : "\x10\x11";
        await StartAsync(tty: true, "/bin/sh");
        using var client = Attach("-tt");
        await SendAsync(client, "echo $((40 + 2))x\n");
        await ReadUntilAsync(client, "42x");
        await SendAsync(client, keys);
        await Eventually.EndsAsync(client.WaitForExitAsync(), "the client leaves");
        Assert.That(client.ExitCode, Is.Zero);

        using var again = Attach("-tt");
        await ReadUntilAsync(again, "42x");
        await SendAsync(again, "exit 3\n");
        await Eventually.EndsAsync(again.WaitForExitAsync(), "the shell ends");
        Assert.That(again.ExitCode, Is.EqualTo(3));
    }

    private static async Task<string?> LineAsync(Process client) =>
        await Eventually.EndsAsync(client.StandardOutput.ReadLineAsync(), "a line comes");

    private static async Task SendAsync(Process client, string text)
    {
        await client.StandardInput.WriteAsync(text);
        await client.StandardInput.FlushAsync();
    }

    private static async Task ReadUntilAsync(Process client, string text)
    {
        while (await LineAsync(client) is { } line)
        {
            if (line.Contains(text, StringComparison.Ordinal))
            {
                return;
            }
        }

        Assert.Fail($"The output ended without '{text}'.");
    }

    private async Task StartAsync(bool tty, params string[] command) => _server = await SandboxServer.StartAsync(command: command, tty: tty);

    private Process Attach(params string[] options) =>
        SshClient.Start("ssh", _server.Socket, [.. options, "-s", SshClient.Host, "openshell-main"]);
}
