using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using OpenShell.Protocol.Exec;
using OpenShell.Protocol.Extensions.V1;
using OpenShell.Protocol.V1;
using OpenShell.TestKit;

namespace OpenShell.Gateway.Services;

public class ExecRequestMappingTests
{
    [Test]
    public void ToStart_FullRequest_CarriesEverything()
    {
        var start = ToStart(new ExecSandboxRequest
        {
            WorkspaceScope = Scope.Default,
            Sandbox = "a",
            Command = { "echo", "two\nlines", "" },
            Workdir = "/srv",
            Environment = { ["A"] = "1", ["_b2"] = "" },
            ExecutionTimeout = new Duration { Seconds = 4_294_967_295 },
            User = "nobody",
            Tty = true,
            Cols = 100,
            Rows = 40,
            Term = "xterm",
            TerminalModes = ByteString.CopyFrom(53, 0, 0, 0, 1),
        });

        Assert.That(start, Is.EqualTo(new ExecStart
        {
            Argv = { "echo", "two\nlines", "" },
            Workdir = "/srv",
            Environment = { ["A"] = "1", ["_b2"] = "" },
            TimeoutMs = 4_294_967_295_000,
            User = "nobody",
            LoginEnvironment = true,
            Terminal = new ExecTerminal { Cols = 100, Rows = 40, Term = "xterm", Modes = ByteString.CopyFrom(53, 0, 0, 0, 1) },
        }));
    }

    [TestCase(0u, 0u, 80u, 24u)]
    [TestCase(1u, 1u, 1u, 1u)]
    [TestCase(70000u, uint.MaxValue, 65535u, 65535u)]
    public void ToStart_TerminalSize_IsBounded(uint cols, uint rows, uint expectedCols, uint expectedRows)
    {
        var start = ToStart(With(r => (r.Tty, r.Cols, r.Rows) = (true, cols, rows)));

        Assert.That((start.Terminal.Cols, start.Terminal.Rows), Is.EqualTo((expectedCols, expectedRows)));
    }

    [Test]
    public void ToStart_NoTty_HasNoTerminal() => Assert.That(ToStart(With(r => r.Cols = 5)).Terminal, Is.Null);

    [Test]
    public void ToStart_LoginShell_NeedsNoCommand()
    {
        var start = ToStart(new ExecSandboxRequest { WorkspaceScope = Scope.Default, Sandbox = "a", LoginShell = true });

        Assert.That((start.LoginShell, start.Argv.Count), Is.EqualTo((true, 0)));
    }

    [Test]
    public void ToStart_NoCommand_IsRefused() => AssertRefused(With(r => r.Command.Clear()), "command is required");

    [TestCase("")]
    [TestCase("1A")]
    [TestCase("A-B")]
    [TestCase("A=B")]
    [TestCase("Ä")]
    [TestCase("A\n")]
    public void ToStart_BadEnvironmentKey_IsRefused(string key) => AssertRefused(
        With(r => r.Environment[key] = "hunter2"), $"environment keys must match ^[A-Za-z_][A-Za-z0-9_]*$; got '{key}'");

    [Test]
    public void ToStart_ReservedEnvironmentKey_IsRefused() => AssertRefused(
        With(r => r.Environment["OPENSHELL_TOKEN"] = "hunter2"), "environment keys starting with OPENSHELL_ are reserved; got 'OPENSHELL_TOKEN'");

    [Test]
    public void ToStart_PythonHelper_IsAllowed() =>
        Assert.That(ToStart(With(r => r.Environment["OPENSHELL_PYFUNC_B64"] = "x")).Environment, Has.Count.EqualTo(1));

    [TestCase("hunter2\n")]
    [TestCase("hunter2\r")]
    [TestCase("hunter2\0")]
    public void ToStart_BadEnvironmentValue_IsRefusedWithoutIt(string value) => AssertRefused(
        With(r => r.Environment["A"] = value), "environment value for 'A' contains null bytes or line breaks");

    [Test]
    public void ToStart_EnvironmentValue_HasALimit()
    {
        AssertAccepted(With(r => r.Environment["A"] = new string('x', 32_768)));
        AssertRefused(With(r => r.Environment["A"] = new string('x', 32_767) + "ü"), "environment value for 'A' exceeds 32768 bytes");
    }

    [Test]
    public void ToStart_ArgumentCount_HasALimit()
    {
        AssertAccepted(With(r => r.Command.Add(Enumerable.Repeat("x", 1023))));
        AssertRefused(With(r => r.Command.Add(Enumerable.Repeat("x", 1024))), "command array exceeds 1024 argument limit (1025 given)");
    }

    [Test]
    public void ToStart_Argument_HasALimit()
    {
        AssertAccepted(With(r => r.Command.Add(new string('x', 32_768))));
        AssertRefused(With(r => r.Command.Add(new string('x', 33 * 1024))), "command argument 1 exceeds 32768 bytes (it has 33792)");
    }

    [Test]
    public void ToStart_ArgumentWithNull_IsRefused() =>
        AssertRefused(With(r => r.Command.Add("a\0b")), "command argument 1 contains null bytes");

    [Test]
    public void ToStart_Workdir_HasALimit()
    {
        AssertAccepted(With(r => r.Workdir = new string('x', 4096)));
        AssertRefused(With(r => r.Workdir = new string('x', 4097)), "workdir exceeds 4096 bytes");
    }

    [TestCase("/a\nb")]
    [TestCase("/a\rb")]
    [TestCase("/a\0b")]
    public void ToStart_BadWorkdir_IsRefused(string workdir) =>
        AssertRefused(With(r => r.Workdir = workdir), "workdir contains null bytes or line breaks");

    [Test]
    public void ToStart_LargestCommand_IsAccepted() =>
        AssertAccepted(With(r => r.Command.Add(Enumerable.Repeat(new string('x', 32_768), 1023))));

    // What does not fit a start would break the relay, and the caller would hear of a lost connection.
    [Test]
    public void ToStart_MoreThanAStart_IsRefused() => AssertRefused(
        With(r =>
        {
            for (var i = 0; i < 1200; i++)
            {
                r.Environment[$"K{i}"] = new string('x', 32_768);
            }
        }),
        $"command and environment exceed {ExecFrames.MaxStartTotal} bytes in all");

    // The first thing that is wrong is told, in the order of the reference.
    [Test]
    public void ToStart_EverythingWrong_IsToldInOrder()
    {
        var request = new ExecSandboxRequest
        {
            WorkspaceScope = Scope.Default,
            Environment = { ["1"] = "", ["OPENSHELL_A"] = "", ["LONG"] = new string('x', 32_769) },
            Workdir = "a\nb",
            User = "a\nb",
        };
        AssertRefused(request, "command is required");
        request.Command.Add(Enumerable.Repeat(new string('x', 32_769), 1025));
        AssertRefused(request, "environment keys must match ^[A-Za-z_][A-Za-z0-9_]*$; got '1'");
        request.Environment.Remove("1");
        AssertRefused(request, "command array exceeds 1024 argument limit (1025 given)");
        request.Command.RemoveAt(0);
        AssertRefused(request, "command argument 0 exceeds 32768 bytes (it has 32769)");
        request.Command.Clear();
        request.Command.Add("true");
        AssertRefused(request, "environment value for 'LONG' exceeds 32768 bytes");
        request.Environment.Remove("LONG");
        AssertRefused(request, "environment keys starting with OPENSHELL_ are reserved; got 'OPENSHELL_A'");
        request.Environment.Clear();
        AssertRefused(request, "workdir contains null bytes or line breaks");
        request.Workdir = "";
        AssertRefused(request, "user contains null bytes or line breaks");
        request.User = "";
        AssertAccepted(request);
    }

    [Test]
    public void ToStart_TextsOfOurs_HaveLimits()
    {
        AssertRefused(With(r => r.User = new string('x', 257)), "user exceeds 256 bytes");
        AssertRefused(With(r => r.Term = new string('x', 257)), "term exceeds 256 bytes");
        AssertRefused(With(r => r.TerminalModes = ByteString.CopyFrom(new byte[1025])), "terminal_modes exceeds 1024 bytes");
    }

    [Test]
    public void ToStart_LoginShellAndCommand_IsRefused() =>
        AssertRefused(With(r => r.LoginShell = true), "login_shell takes no command and no no_login_shell");

    [Test]
    public void ToStart_Subsystem_TakesThePlaceOfTheCommand()
    {
        const string Alone = "subsystem takes no command, no terminal and is not detached";
        Assert.That(ToStart(new ExecSandboxRequest { WorkspaceScope = Scope.Default, Sandbox = "a", Subsystem = "files" }).Subsystem, Is.EqualTo("files"));
        AssertRefused(With(r => r.Subsystem = "files"), Alone);
        AssertRefused(new ExecSandboxRequest { WorkspaceScope = Scope.Default, Sandbox = "a", Subsystem = "files", Tty = true }, Alone);
        AssertRefused(new ExecSandboxRequest { WorkspaceScope = Scope.Default, Sandbox = "a", Subsystem = "files", Detached = true }, Alone);
        AssertRefused(new ExecSandboxRequest { WorkspaceScope = Scope.Default, Sandbox = "a", Subsystem = new string('x', 65) }, "subsystem exceeds 64 bytes");
    }

    // Login shells read profile files themselves, and what the supervisor brings along needs none.
    [Test]
    public void ToStart_LoginEnvironment_IsForCommandsThatDoNotDoWithout()
    {
        Assert.That(ToStart(With(_ => { })).LoginEnvironment, Is.True);
        Assert.That(ToStart(With(r => r.Detached = true)).LoginEnvironment, Is.True);
        Assert.That(ToStart(With(r => r.NoLoginShell = true)).LoginEnvironment, Is.False);
        Assert.That(ToStart(new ExecSandboxRequest { LoginShell = true }).LoginEnvironment, Is.False);
        Assert.That(ToStart(new ExecSandboxRequest { Subsystem = "files" }).LoginEnvironment, Is.False);
        AssertRefused(new ExecSandboxRequest { LoginShell = true, NoLoginShell = true }, "login_shell takes no command and no no_login_shell");
    }

    [Test]
    public void ToStart_Detached_HasNoTerminalAndNoInput()
    {
        Assert.That(ToStart(With(r => r.Detached = true)).Detached, Is.True);
        AssertRefused(With(r => (r.Detached, r.Tty) = (true, true)), "a detached command has no terminal and no stdin");
        AssertRefused(With(r => (r.Detached, r.Stdin) = (true, ByteString.CopyFromUtf8("x"))), "a detached command has no terminal and no stdin");
    }

    [Test]
    public void ToOpening_Attach_CarriesSizeAndKind()
    {
        var request = new ExecSandboxRequest { WorkspaceScope = Scope.Default, Sandbox = "a", Attach = new MainProcessAttach(), Cols = 90, Rows = 70_000 };

        Assert.That(ExecRequestMapping.ToRequest(request, interactive: true).Attach, Is.EqualTo(new ExecAttach { Cols = 90, Rows = 65535 }));
        Assert.That(ExecRequestMapping.ToRequest(request, interactive: false).Attach!.ReadOnly, Is.True, "without input nobody is kept from it");
        request.Attach.ReadOnly = true;
        Assert.That(ExecRequestMapping.ToRequest(request, interactive: true).Attach!.ReadOnly, Is.True);
    }

    [Test]
    public void ToOpening_AttachAndACommand_IsRefused()
    {
        const string NoCommand = "attach takes no command: it is for the main process, which runs already";
        const string NoDetails = "attach takes no environment, workdir, user, no_login_shell or execution_timeout: the main process runs already";
        AssertRefused(With(r => r.Attach = new MainProcessAttach()), NoCommand);
        AssertRefused(Attach(r => r.LoginShell = true), NoCommand);
        AssertRefused(Attach(r => r.Detached = true), NoCommand);
        AssertRefused(Attach(r => r.Environment["A"] = ""), NoDetails);
        AssertRefused(Attach(r => r.Workdir = "/"), NoDetails);
        AssertRefused(Attach(r => r.User = "root"), NoDetails);
        AssertRefused(Attach(r => r.NoLoginShell = true), NoDetails);
        AssertRefused(Attach(r => r.ExecutionTimeout = new Duration { Seconds = 1 }), NoDetails);
        AssertRefused(Attach(r => r.Stdin = ByteString.CopyFromUtf8("x")), "ExecSandbox attaches read-only; send stdin with ExecSandboxInteractive");
    }

    [Test]
    public void ToOpening_AttachWithAFieldOfATerminal_IsRefusedByItsName()
    {
        const string Has = "the main process has its terminal, or none, already";
        AssertRefused(Attach(r => r.Tty = true), $"attach takes no tty: {Has}");
        AssertRefused(Attach(r => r.Term = "xterm"), $"attach takes no term: {Has}");
        AssertRefused(Attach(r => r.TerminalModes = ByteString.CopyFromUtf8("x")), $"attach takes no terminal_modes: {Has}");
        RefusalAssert.InvalidArgument(
            () => ExecRequestMapping.ToRequest(
                Attach(r => (r.Attach.ReadOnly, r.Stdin) = (true, ByteString.CopyFromUtf8("x"))), interactive: true),
            "attach.read_only takes no stdin");
    }

    [Test]
    public void ToExit_Exit_CarriesTheDetails() => Assert.That(
        ExecRequestMapping.ToExit(new ExecExit { Signal = 9, TimedOut = true, CoreDumped = true }, 124),
        Is.EqualTo(new ExecSandboxExit { ExitCode = 124, Signal = 9, TimedOut = true, CoreDumped = true }));

    [Test]
    public void ToExit_InputThatWasTaken_IsToldWhereItIsKnown()
    {
        Assert.That(ExecRequestMapping.ToExit(new ExecExit { StdinTaken = 0 }, 0), Is.EqualTo(new ExecSandboxExit { StdinTaken = 0 }));
        Assert.That(ExecRequestMapping.ToExit(new ExecExit(), 0).HasStdinTaken, Is.False);
    }

    private static ExecStart ToStart(ExecSandboxRequest request) => ExecRequestMapping.ToRequest(request, interactive: false).Start!;

    private static ExecSandboxRequest Attach(Action<ExecSandboxRequest> change)
    {
        var request = new ExecSandboxRequest { WorkspaceScope = Scope.Default, Sandbox = "a", Attach = new MainProcessAttach() };
        change(request);
        return request;
    }

    private static ExecSandboxRequest With(Action<ExecSandboxRequest> change)
    {
        var request = new ExecSandboxRequest { WorkspaceScope = Scope.Default, Sandbox = "a", Command = { "true" } };
        change(request);
        return request;
    }

    private static void AssertAccepted(ExecSandboxRequest request) => Assert.That(() => ToStart(request), Throws.Nothing);

    private static void AssertRefused(ExecSandboxRequest request, string message)
    {
        Assert.That(message, Does.Not.Contain("hunter2"));
        RefusalAssert.InvalidArgument(() => ToStart(request), message);
    }
}
