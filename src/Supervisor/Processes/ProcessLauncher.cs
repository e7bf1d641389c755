using OpenShell.Supervisor.Native;
using OpenShell.Supervisor.Polling;
using OpenShell.Supervisor.Users;

namespace OpenShell.Supervisor.Processes;

/// <summary>Starts the processes of the sandbox.</summary>
internal sealed class ProcessLauncher(Reaper reaper, EventLoop loop, UserDatabase users, SandboxEnvironment environment)
{
    // Programs that use select break above 1024, the others raise their soft limit themselves; no cores unless asked for.
    private readonly ResourceLimit[] _limits =
    [
        new(ResourceLimit.Core, 0, ResourceLimit.Unlimited),
        OpenFiles(LibcProcess.OpenFilesHardLimit()),
    ];

    private const int FileModeMask = 0x12; // octal 022

    /// <summary>Starts a process. Nothing has run where this returns a failure.</summary>
    public LaunchResult Start(ProcessSpec spec)
    {
        if (FindInvalid(spec) is { } invalid)
        {
            return new LaunchFailure(LaunchFailureKind.Invalid, invalid);
        }

        if (users.Find(spec.User) is not { } user)
        {
            return new LaunchFailure(LaunchFailureKind.User, $"no such user: {spec.User}");
        }

        var variables = environment.For(user, LoginShellOf(user), spec);
        var program = spec.LoginShell ? LoginShellProgram(variables) : CommandProgram(spec, variables);
        if (program is null)
        {
            return new LaunchFailure(LaunchFailureKind.NotFound, "the image has none of bash, ash and sh");
        }

        try
        {
            return Start(spec, user, program, variables);
        }
        catch (IOException e)
        {
            return new LaunchFailure(LaunchFailureKind.Resources, e.Message);
        }
    }

    private unsafe LaunchResult Start(
        ProcessSpec spec, UserIdentity user, LaunchProgram program, Dictionary<string, string> variables)
    {
        var streams = spec.Terminal is { } terminal
            ? ProcessStreams.CreateTerminal(terminal, user.Uid)
            : ProcessStreams.CreatePipes();
        using var strings = new NativeStrings();
        var groups = user.Groups.ToArray();
        fixed (uint* groupIds = groups)
        fixed (ResourceLimit* limits = _limits)
        {
            var request = new SpawnRequest
            {
                Candidates = strings.AddArray(program.Candidates),
                Argv = strings.AddArray(program.Argv),
                Envp = strings.AddArray([.. variables.Select(variable => $"{variable.Key}={variable.Value}")]),
                WorkingDirectory = strings.Add(spec.WorkingDirectory.Length == 0 ? variables["HOME"] : spec.WorkingDirectory),
                WorkingDirectoryOptional = spec.WorkingDirectory.Length == 0 ? 1 : 0,
                StandardInput = streams.Input.Number,
                StandardOutput = streams.Output.Number,
                StandardError = streams.Error.Number,
                ControllingTerminal = streams.HasTerminal ? 1 : 0,
                // Without privileges there is nobody else to become; a test run as an ordinary user still starts things.
                ChangeIdentity = LibcProcess.GetEffectiveUid() == 0 ? 1 : 0,
                Uid = user.Uid,
                Gid = user.Gid,
                Groups = groupIds,
                GroupCount = groups.Length,
                ResourceLimits = limits,
                ResourceLimitCount = _limits.Length,
                Umask = FileModeMask,
            };

            if (reaper.Spawn(&request) is not { } child)
            {
                streams.Dispose();
                return Explain(request, spec, program);
            }

            streams.CloseGiven();
            return streams.Attach(loop, reaper, child);
        }
    }

    private static ResourceLimit OpenFiles(ulong hard) => new(ResourceLimit.OpenFiles, Math.Min(1024, hard), hard);

    private static LaunchProgram CommandProgram(ProcessSpec spec, Dictionary<string, string> variables) =>
        new(ProgramSearch.Candidates(spec.Argv[0], variables["PATH"]), spec.Argv);

    // A leading dash is how a shell learns that it is a login shell.
    private static LaunchProgram? LoginShellProgram(Dictionary<string, string> variables)
    {
        var shell = ProgramSearch.FindLoginShell(variables["PATH"]);
        if (shell is null)
        {
            return null;
        }

        variables["SHELL"] = shell;
        return new LaunchProgram([shell], ["-" + Path.GetFileName(shell)]);
    }

    private static string LoginShellOf(UserIdentity user) =>
        user.Shell.Length > 0 && ProgramSearch.IsProgram(user.Shell)
            ? user.Shell
            : ProgramSearch.FindLoginShell(SandboxEnvironment.DefaultPath) ?? "/bin/sh";

    private static string? FindInvalid(ProcessSpec spec)
    {
        if (!spec.LoginShell && (spec.Argv.Count == 0 || spec.Argv[0].Length == 0))
        {
            return "no program was named";
        }

        if (spec.Argv.Any(HasNul) || HasNul(spec.WorkingDirectory))
        {
            return "an argument or the working directory contains a NUL byte";
        }

        return spec.Environment.Any(variable => variable.Key.Length == 0 || HasNul(variable.Key) || HasNul(variable.Value) || variable.Key.Contains('=', StringComparison.Ordinal))
            ? "a name of an environment variable is empty or contains '=', or a value contains a NUL byte"
            : null;
    }

    private static bool HasNul(string text) => text.Contains('\0', StringComparison.Ordinal);

    private static LaunchFailure Explain(in SpawnRequest request, ProcessSpec spec, LaunchProgram program)
    {
        var reason = Errno.Text(request.Error);
        return request.FailedStep switch
        {
            SpawnStep.WorkingDirectory => new(LaunchFailureKind.WorkingDirectory, $"cannot enter {spec.WorkingDirectory}: {reason}"),
            SpawnStep.Identity => new(LaunchFailureKind.User, $"cannot become {spec.User}: {reason}"),
            SpawnStep.Execute when request.Error is Errno.NoEntry => new(LaunchFailureKind.NotFound, $"{program.Name}: not found"),
            SpawnStep.Execute when request.Error is Errno.NoMemory => new(LaunchFailureKind.Resources, $"{program.Name}: {reason}"),
            SpawnStep.Execute => new(LaunchFailureKind.NotExecutable, $"{program.Name}: {reason}"),
            var step => new(LaunchFailureKind.Resources, $"{step}: {reason}"),
        };
    }
}
