using OpenShell.Protocol.Outcomes;
using OpenShell.Supervisor.Users;

namespace OpenShell.Supervisor.Processes;

/// <summary>Looks up what a process needs: its user, its environment, its program.</summary>
/// <param name="defaultUser">Who runs what names no user; empty is root.</param>
internal sealed class LaunchPlanner(UserDatabase users, SandboxEnvironment environment, string defaultUser)
{
    /// <summary>Everything looked up, or what could not be found.</summary>
    public Outcome<LaunchPlan, LaunchFailure> Plan(ProcessSpec spec)
    {
        if (FindInvalid(spec) is { } invalid)
        {
            return new LaunchFailure(LaunchFailureKind.Invalid, invalid);
        }

        var wanted = spec.User.Length == 0 ? defaultUser : spec.User;
        if (users.Find(wanted) is not { } user)
        {
            return new LaunchFailure(LaunchFailureKind.User, $"no such user: {wanted}");
        }

        var variables = environment.For(user, LoginShellOf(user), spec);
        var program = spec.LoginShell ? LoginShellProgram(variables) : CommandProgram(spec, variables);
        if (program is null)
        {
            return new LaunchFailure(LaunchFailureKind.NotFound, "the image has none of bash, ash and sh");
        }

        // One that is not absolute is below the login directory, and none is that itself.
        var directory = Path.Combine(variables["HOME"], spec.WorkingDirectory);
        return new LaunchPlan(user, program, variables, directory, spec.WorkingDirectory.Length == 0);
    }

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

        return spec.Environment.Any(variable => variable.Key.Length == 0 || variable.Key.Contains('=', StringComparison.Ordinal)
            || HasNul(variable.Key) || HasNul(variable.Value))
            ? "a name of an environment variable is empty or contains '=', or a value contains a NUL byte"
            : null;
    }

    private static bool HasNul(string text) => text.Contains('\0', StringComparison.Ordinal);
}
