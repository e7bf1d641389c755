using OpenShell.Protocol.Extensions.V1;

namespace OpenShell.Protocol.Exec;

public class ExecExitCodeTests
{
    private static readonly TestCaseData[] Exits =
    [
        new(new ExecExit(), 0),
        new(new ExecExit { Code = 1 }, 1),
        new(new ExecExit { Code = 255 }, 255),
        new(new ExecExit { Signal = 9 }, 137),
        new(new ExecExit { Signal = 15 }, 143),
        new(new ExecExit { Signal = 11, CoreDumped = true }, 139),
        new(new ExecExit { Signal = 64 }, 192),
        new(new ExecExit { TimedOut = true, Signal = 9 }, 124),
        new(new ExecExit { TimedOut = true, Code = 3 }, 124),
        new(new ExecExit { Failure = ExecFailure.NotFound }, 127),
        new(new ExecExit { Failure = ExecFailure.NotExecutable }, 126),
        new(new ExecExit { Failure = ExecFailure.Workdir }, 126),
        new(new ExecExit { Failure = ExecFailure.User }, 126),
        new(new ExecExit { Failure = ExecFailure.Resources }, 126),
        new(new ExecExit { Failure = ExecFailure.Invalid }, 126),
        new(new ExecExit { Failure = (ExecFailure)77 }, 126),
    ];

    [TestCaseSource(nameof(Exits))]
    public void From_Exit_IsTheShellsNumber(ExecExit exit, int expected) =>
        Assert.That(ExecExitCode.From(exit), Is.EqualTo(expected));
}
