using System.Security.Cryptography;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using OpenShell.Protocol.Sandbox.V1;
using OpenShell.Protocol.V1;
using OpenShell.TestKit;

namespace OpenShell.Vm;

/// <summary>Commands and the main process in a real machine; each test boots one and tries all that belongs together.</summary>
public sealed class ExecTests : VmTest
{
    [Test]
    public async Task Exec_EveryWayToEnd_HasItsCode()
    {
        var sandbox = await BootAsync();
        foreach (var (script, code) in new[] { ("exit 0", 0), ("exit 42", 42), ("kill -TERM $$", 143), ("kill -KILL $$", 137) })
        {
            Assert.That((await ShellAsync(sandbox, script)).Exit!.ExitCode, Is.EqualTo(code), script);
        }

        Assert.That((await Gateway.ExecAsync(Request(sandbox, "no-such-program"))).Exit!.ExitCode, Is.EqualTo(127));
        Assert.That((await Gateway.ExecAsync(Request(sandbox, "/etc/passwd"))).Exit!.ExitCode, Is.EqualTo(126));
        var slow = Request(sandbox, "/bin/sh", "-c", "trap '' TERM HUP; while :; do sleep 1; done");
        slow.ExecutionTimeout = Duration.FromTimeSpan(TimeSpan.FromSeconds(1));
        var outcome = await Gateway.ExecAsync(slow);
        Assert.That((outcome.Exit!.ExitCode, outcome.Exit.TimedOut), Is.EqualTo((124, true)));
        var left = await ShellAsync(sandbox, "ps -o comm | grep -c '^sleep$'");
        Assert.That(left.Text.Trim(), Is.EqualTo("0"), "nothing of it is left");
    }

    [Test]
    public async Task Exec_BinaryBothWays_ComesBackWholeAndStderrStaysApart()
    {
        var sandbox = await BootAsync();
        var sent = RandomNumberGenerator.GetBytes(16 * 1024 * 1024);
        using var call = Gateway.Client.ExecSandboxInteractive();
        await call.RequestStream.WriteAsync(new ExecSandboxInput { Start = Request(sandbox, "/bin/sh", "-c", "cat; echo end >&2") });
        var reading = ExecOutcome.ReadAsync(call.ResponseStream, default);
        const int Chunk = 256 * 1024;
        for (var at = 0; at < sent.Length; at += Chunk)
        {
            await call.RequestStream.WriteAsync(new ExecSandboxInput { Stdin = UnsafeByteOperations.UnsafeWrap(sent.AsMemory(at, Chunk)) });
        }

        await call.RequestStream.CompleteAsync();
        var outcome = await Eventually.EndsAsync(reading, "cat ends", TimeSpan.FromMinutes(6));
        Assert.That(SHA256.HashData(outcome.Stdout), Is.EqualTo(SHA256.HashData(sent)));
        Assert.That((outcome.ErrorText, outcome.Exit!.ExitCode), Is.EqualTo(("end\n", 0)));
    }

    [Test]
    public async Task Exec_ThirtyAtOnceAndACallerThatGoes_NothingIsTruncatedOrLeft()
    {
        var sandbox = await BootAsync();
        var outcomes = await Eventually.EndsAsync(
            Task.WhenAll(Enumerable.Range(0, 30).Select(i => Gateway.ExecAsync(Request(sandbox, "echo", $"line {i}")))), "30 commands");
        Assert.That(outcomes.Select(o => o.Text), Is.EqualTo(Enumerable.Range(0, 30).Select(i => $"line {i}\n")));
        using (var call = Gateway.Client.ExecSandbox(Request(sandbox, "/bin/sh", "-c", "echo up; sleep 1000 & wait")))
        {
            await ExecOutcome.FirstOutputAsync(call.ResponseStream);
        }

        await Eventually.BecomesTrueAsync(
            async () => (await ShellAsync(sandbox, "ps -o comm | grep -c '^sleep$'")).Text.Trim() == "0", () => "the caller's processes are gone");
    }

    [Test]
    public async Task Cli_CommandAsMainProcess_EndsWithItsCodeAndRemoveDeletes()
    {
        var outcome = await CliProcess.RunAsync(
            Gateway, Directory, "piped"u8.ToArray(), "sandbox", "create", "--rm", "--", "/bin/sh", "-c", "uname -s; cat; exit 9");
        Assert.That(outcome.ExitCode, Is.EqualTo(9), outcome.Error);
        Assert.That(outcome.Text, Does.EndWith("Linux\npiped"));
        Assert.That((await Gateway.Client.ListSandboxesAsync(new ListSandboxesRequest { WorkspaceScope = Scope.Default })).Sandboxes, Is.Empty);
    }

    [Test]
    public async Task Cli_AttachAndShell_Work()
    {
        var created = await CliProcess.RunAsync(
            Gateway, Directory, [], "sandbox", "create", "--name", "box", "--detach", "--", "/bin/sh", "-c", "echo early; while read line; do echo \"got $line\"; done");
        Assert.That(created.ExitCode, Is.Zero, created.Error);
        var shell = await CliProcess.RunAsync(Gateway, Directory, "pwd; exit 3\n"u8.ToArray(), "sandbox", "shell", "box");
        Assert.That((shell.ExitCode, shell.Text), Is.EqualTo((3, "/root\n")), shell.Error);
        var attached = await CliProcess.RunAsync(Gateway, Directory, "hello\n"u8.ToArray(), "sandbox", "attach", "box");
        Assert.That((attached.ExitCode, attached.Text), Is.EqualTo((0, "early\ngot hello\n")), attached.Error);
    }

    // The guest's kernel has Landlock, so here it has to hold.
    [Test]
    public async Task Exec_Policy_IsEnforced()
    {
        var sandbox = await BootAsync(new SandboxSpec
        {
            Policy = new SandboxPolicy
            {
                Version = 1,
                Filesystem = new FilesystemPolicy { ReadOnly = { "/bin", "/usr", "/etc", "/proc", "/dev" }, ReadWrite = { "/tmp" } },
                Landlock = new LandlockPolicy { Compatibility = "hard_requirement" },
                Process = new ProcessPolicy { RunAsUser = "sandbox" },
            },
        });
        var outcome = await ShellAsync(sandbox, "id -un; echo x >/tmp/a && cat /tmp/a; ls /home >/dev/null || echo no; grep -E '^(NoNewPrivs|Seccomp):' /proc/self/status");
        Assert.That(outcome.Text, Is.EqualTo("sandbox\nx\nno\nNoNewPrivs:\t1\nSeccomp:\t2\n"), outcome.ErrorText);
    }

    private static ExecSandboxRequest Request(Sandbox sandbox, params string[] command) => new() { WorkspaceScope = Scope.Default, Sandbox = sandbox.Metadata.Name, Command = { command } };
}
