using Google.Protobuf;
using OpenShell.Protocol.Extensions.V1;
using OpenShell.Protocol.Outcomes;

namespace OpenShell.Gateway.Exec;

internal sealed class SshCommandLineTests
{
    [TestCase("ls", "ls")]
    [TestCase("/usr/bin/a-b_c.d", "/usr/bin/a-b_c.d")]
    [TestCase("", "''")]
    [TestCase("a b", "'a b'")]
    [TestCase("it's", "'it'\\''s'")]
    [TestCase("$(reboot)", "'$(reboot)'")]
    [TestCase("a\nb", "'a\nb'")]
    [TestCase("é", "'é'")]
    public void Of_Argument_IsQuotedUnlessItIsPlain(string argument, string quoted) =>
        Assert.That(Line(new ExecStart { Argv = { "echo", argument } }), Is.EqualTo($"echo {quoted}"));

    [Test]
    public void Of_DirectoryAndEnvironment_ComeFirstAndInOrder() => Assert.That(
        Line(new ExecStart { Argv = { "env" }, Workdir = "/a b", Environment = { ["B"] = "2", ["A"] = "x y" } }),
        Is.EqualTo("cd '/a b' && A='x y' B=2 env"));

    [Test]
    public void QuotedCommand_HasALimit()
    {
        var atLimit = new ExecStart { Argv = { new string('a', 256 * 1024) } };
        var beyond = new ExecStart { Argv = { new string('a', (256 * 1024) + 1) } };

        Assert.That(Line(atLimit), Has.Length.EqualTo(256 * 1024));
        Assert.That(SshCommandLine.Of(beyond).Succeeded(out _, out var failure), Is.False);
        Assert.That(failure, Is.EqualTo(
            new Failure(FailureKind.InvalidArgument, "command construction failed: assembled command string exceeds 262144 bytes")));
    }

    [Test]
    public void FindImpossible_PlainCommand_IsNothing() => Assert.That(
        SshCommandLine.FindImpossible(ExecRequest.Of(new ExecStart { Argv = { "a" }, Workdir = "/", Terminal = new ExecTerminal { Cols = 1 }, TimeoutMs = 1 })),
        Is.Null);

    [Test]
    public void FindImpossible_WhatSshCannotDo_IsNamed()
    {
        ExecRequest[] requests =
        [
            ExecRequest.Of(new ExecAttach()),
            ExecRequest.Of(new ExecStart()) with { WithoutLoginShell = true },
            ExecRequest.Of(new ExecStart { User = "u" }),
            ExecRequest.Of(new ExecStart { Subsystem = "sftp" }),
            ExecRequest.Of(new ExecStart { LoginShell = true }),
            ExecRequest.Of(new ExecStart { Detached = true }),
            ExecRequest.Of(new ExecStart { Terminal = new ExecTerminal { Modes = ByteString.CopyFrom(1) } }),
        ];

        Assert.That(
            requests.Select(SshCommandLine.FindImpossible),
            Is.EqualTo(new[] { "attach", "no_login_shell", "user", "subsystem", "login_shell", "detached", "terminal_modes" }));
    }

    private static string Line(ExecStart start) =>
        SshCommandLine.Of(start).Succeeded(out var line, out var failure) ? line : throw new AssertionException(failure.Message);
}
