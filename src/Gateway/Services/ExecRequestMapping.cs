using System.Text;
using OpenShell.Protocol.Exec;
using OpenShell.Protocol.Extensions.V1;
using OpenShell.Protocol.V1;

namespace OpenShell.Gateway.Services;

/// <summary>Checks an ExecSandboxRequest and turns it into what the supervisor starts. Limits: reference section 3.1.</summary>
internal static class ExecRequestMapping
{
    private const int MaxArguments = 1024;
    private const int MaxEnvironmentValueBytes = 32 * 1024;
    private const int MaxWorkdirBytes = 4096;
    private const uint DefaultCols = 80;
    private const uint DefaultRows = 24;
    private const uint MaxTerminalSize = ushort.MaxValue;

    public static ExecStart ToStart(ExecSandboxRequest request)
    {
        if (request.SandboxId.Length == 0)
        {
            throw GrpcErrors.InvalidArgument("sandbox_id is required");
        }

        if (request.Command.Count == 0 && !request.LoginShell)
        {
            throw GrpcErrors.InvalidArgument("command is required");
        }

        RequestLimits.CheckEnvironment(request.Environment, MaxEnvironmentValueBytes);
        RequestLimits.CheckArguments(request.Command, MaxArguments);
        CheckWorkdir(request.Workdir);
        var start = new ExecStart
        {
            Argv = { request.Command },
            LoginShell = request.LoginShell,
            Environment = { request.Environment },
            Workdir = request.Workdir,
            User = request.User,
            TimeoutMs = request.TimeoutSeconds * 1000UL,
            Terminal = request.Tty ? ToTerminal(request) : null,
        };
        return start.CalculateSize() <= ExecFrames.MaxStart
            ? start
            : throw GrpcErrors.InvalidArgument($"command and environment exceed {ExecFrames.MaxStart} bytes in all");
    }

    public static ExecSandboxExit ToExit(ExecExit exit, int code) => new()
    {
        ExitCode = code,
        Signal = exit.Signal,
        TimedOut = exit.TimedOut,
        CoreDumped = exit.CoreDumped,
    };

    private static ExecTerminal ToTerminal(ExecSandboxRequest request) => new()
    {
        Cols = Size(request.Cols, DefaultCols),
        Rows = Size(request.Rows, DefaultRows),
        Term = request.Term,
    };

    private static uint Size(uint value, uint whenZero) => value == 0 ? whenZero : Math.Min(value, MaxTerminalSize);

    private static void CheckWorkdir(string workdir)
    {
        if (Encoding.UTF8.GetByteCount(workdir) > MaxWorkdirBytes)
        {
            throw GrpcErrors.InvalidArgument($"workdir exceeds {MaxWorkdirBytes} bytes");
        }

        if (workdir.AsSpan().ContainsAny('\0', '\r', '\n'))
        {
            throw GrpcErrors.InvalidArgument("workdir contains null bytes or line breaks");
        }
    }
}
