using System.Text;
using OpenShell.Gateway.Exec;
using OpenShell.Protocol.Exec;
using OpenShell.Protocol.Extensions.V1;
using OpenShell.Protocol.V1;

namespace OpenShell.Gateway.Services;

/// <summary>
/// Checks an ExecSandboxRequest and turns it into what the supervisor gets. Limits, messages and their order
/// are those of OpenShell's gateway; what only we have comes after them.
/// </summary>
internal static class ExecRequestMapping
{
    // A helper of OpenShell's Python SDK; the one reserved name that callers may set.
    private const string PythonHelper = "OPENSHELL_PYFUNC_B64";
    private const int MaxArguments = 1024;
    private const int MaxEnvironmentValueBytes = 32 * 1024;
    private const int MaxWorkdirBytes = 4096;
    private const int MaxUserBytes = 256;
    private const int MaxTermBytes = 256;
    private const int MaxSubsystemBytes = 64;
    // Five bytes for each of the 160 opcodes that RFC 4254 has room for, rounded up.
    private const int MaxTerminalModesBytes = 1024;
    private const uint DefaultCols = 80;
    private const uint DefaultRows = 24;
    private const uint MaxTerminalSize = ushort.MaxValue;

    /// <param name="interactive">Whether the caller can send input while it runs.</param>
    public static ExecRequest ToRequest(ExecSandboxRequest request, bool interactive) => request.Attach is { } attach
        ? ExecRequest.Of(ToAttach(request, attach, interactive))
        : ExecRequest.Of(ToStart(request)) with
        {
            WithoutLoginShell = request.NoLoginShell,
            IsOverAtOnce = request.ExecutionTimeout is not null && WireTimes.Span("execution_timeout", request.ExecutionTimeout) == TimeSpan.Zero,
        };

    public static ExecSandboxExit ToExit(ExecExit exit, int code)
    {
        var result = new ExecSandboxExit
        {
            ExitCode = code,
            Signal = exit.Signal,
            TimedOut = exit.TimedOut,
            CoreDumped = exit.CoreDumped,
        };
        if (exit.HasStdinTaken)
        {
            result.StdinTaken = exit.StdinTaken;
        }

        return result;
    }

    private static ExecStart ToStart(ExecSandboxRequest request)
    {
        if (request.Command.Count == 0 && !request.LoginShell && request.Subsystem.Length == 0)
        {
            throw GrpcErrors.InvalidField("command", "command is required");
        }

        RequestLimits.CheckEnvironmentNames(request.Environment);
        RequestLimits.CheckArguments(request.Command, MaxArguments);
        RequestLimits.CheckEnvironmentValues(request.Environment, MaxEnvironmentValueBytes);
        RequestLimits.CheckReservedNames(request.Environment, except: PythonHelper);
        CheckText("workdir", request.Workdir, MaxWorkdirBytes);
        CheckText("user", request.User, MaxUserBytes);
        CheckText("term", request.Term, MaxTermBytes);
        CheckText("subsystem", request.Subsystem, MaxSubsystemBytes);
        CheckCombination(request);
        var start = new ExecStart
        {
            Argv = { request.Command },
            LoginShell = request.LoginShell,
            Environment = { request.Environment },
            Workdir = request.Workdir,
            User = request.User,
            TimeoutMs = ToTimeoutMs(request),
            Terminal = request.Tty ? ToTerminal(request) : null,
            Detached = request.Detached,
            Subsystem = request.Subsystem,
            // A login shell reads the profile files itself, and the programs of the supervisor need none.
            LoginEnvironment = !request.NoLoginShell && !request.LoginShell && request.Subsystem.Length == 0,
        };
        return start.CalculateSize() <= ExecFrames.MaxStartTotal
            ? start
            : throw GrpcErrors.InvalidArgument($"command and environment exceed {ExecFrames.MaxStartTotal} bytes in all");
    }

    // 0 to the supervisor is no limit, so the shortest one is a millisecond.
    private static ulong ToTimeoutMs(ExecSandboxRequest request) =>
        WireTimes.Span("execution_timeout", request.ExecutionTimeout) is { } limit ? (ulong)Math.Max(1, Math.Ceiling(limit.TotalMilliseconds)) : 0;

    private static void CheckCombination(ExecSandboxRequest request)
    {
        if (request.TerminalModes.Length > MaxTerminalModesBytes)
        {
            throw GrpcErrors.InvalidField("terminal_modes", $"terminal_modes exceeds {MaxTerminalModesBytes} bytes");
        }

        if (request.LoginShell && (request.Command.Count > 0 || request.NoLoginShell))
        {
            throw GrpcErrors.InvalidArgument("login_shell takes no command and no no_login_shell");
        }

        if (request.Subsystem.Length > 0 && (request.Command.Count > 0 || request.LoginShell || request.Tty || request.Detached))
        {
            throw GrpcErrors.InvalidArgument("subsystem takes no command, no terminal and is not detached");
        }

        if (request.Detached && (request.Tty || request.Stdin.Length > 0))
        {
            throw GrpcErrors.InvalidArgument("a detached command has no terminal and no stdin");
        }
    }

    private static ExecAttach ToAttach(ExecSandboxRequest request, MainProcessAttach attach, bool interactive)
    {
        if (request.Command.Count > 0 || request.LoginShell || request.Detached || request.Subsystem.Length > 0)
        {
            throw GrpcErrors.InvalidArgument("attach takes no command: it is for the main process, which runs already");
        }

        if (request.Environment.Count > 0 || request.Workdir.Length > 0 || request.User.Length > 0
            || request.NoLoginShell || request.ExecutionTimeout is not null)
        {
            throw GrpcErrors.InvalidArgument(
                "attach takes no environment, workdir, user, no_login_shell or execution_timeout: the main process runs already");
        }

        if (!interactive && request.Stdin.Length > 0)
        {
            throw GrpcErrors.InvalidArgument("ExecSandbox attaches read-only; send stdin with ExecSandboxInteractive");
        }

        if (attach.ReadOnly && request.Stdin.Length > 0)
        {
            throw GrpcErrors.InvalidField("stdin", "attach.read_only takes no stdin");
        }

        var terminal = request.Tty ? "tty" : request.Term.Length > 0 ? "term" : request.TerminalModes.Length > 0 ? "terminal_modes" : null;
        if (terminal is not null)
        {
            throw GrpcErrors.InvalidField(terminal, $"attach takes no {terminal}: the main process has its terminal, or none, already");
        }

        // Without a way to send input there is no sense in keeping others from it.
        return new ExecAttach
        {
            ReadOnly = attach.ReadOnly || !interactive,
            Cols = Math.Min(request.Cols, MaxTerminalSize),
            Rows = Math.Min(request.Rows, MaxTerminalSize),
        };
    }

    private static ExecTerminal ToTerminal(ExecSandboxRequest request) => new()
    {
        Cols = Size(request.Cols, DefaultCols),
        Rows = Size(request.Rows, DefaultRows),
        Term = request.Term,
        Modes = request.TerminalModes,
    };

    private static uint Size(uint value, uint whenZero) => value == 0 ? whenZero : Math.Min(value, MaxTerminalSize);

    private static void CheckText(string name, string value, int maxBytes)
    {
        if (Encoding.UTF8.GetByteCount(value) > maxBytes)
        {
            throw GrpcErrors.InvalidField(name, $"{name} exceeds {maxBytes} bytes");
        }

        if (value.AsSpan().ContainsAny('\0', '\r', '\n'))
        {
            throw GrpcErrors.InvalidField(name, $"{name} contains null bytes or line breaks");
        }
    }
}
