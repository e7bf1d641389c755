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

        if ((spec.Identity ?? FindUser(spec.User)) is not { } user)
        {
            return new LaunchFailure(LaunchFailureKind.User, $"no such user: {Named(spec.User)}");
        }

        var variables = spec.BaseEnvironment is { } given
            ? new Dictionary<string, string>(given, StringComparer.Ordinal)
            : environment.Of(user, LoginShellOf(user));
        SandboxEnvironment.Add(variables, spec);
        var program = spec.LoginShell ? LoginShellProgram(variables) : CommandProgram(spec, variables);
        if (program is null)
        {
            return new LaunchFailure(LaunchFailureKind.NotFound, "the image has none of bash, ash and sh");
        }

        // One that is not absolute is below the login directory, and none is that itself.
        var directory = Path.Combine(variables.GetValueOrDefault("HOME", user.Home), spec.WorkingDirectory);
        return new LaunchPlan(user, program, variables, directory, spec.WorkingDirectory.Length == 0);
    }

    /// <summary>Who that is, in the sandbox as it is now; empty is who runs what names no user. Null: there is no such user.</summary>
    public UserIdentity? FindUser(string user) => users.Find(Named(user));

    /// <summary>
    /// A login shell that reads the profile files of a user and then runs a line, in which $0 is a program. Null: the image
    /// has not got the two.
    /// </summary>
    public LaunchPlan? PlanLoginLine(UserIdentity user, string line, string program)
    {
        var variables = environment.Of(user, LoginShellOf(user));
        var searchPath = SearchPathOf(variables);
        return ProgramSearch.FindLoginShell(searchPath) is { } shell && ProgramSearch.Find(program, searchPath) is { } path
            ? new LaunchPlan(user, new LaunchProgram([shell], [Path.GetFileName(shell), "-l", "-c", line, path]), variables, HomeOf(user), true)
            : null;
    }

    /// <summary>Where the profile files of a user are.</summary>
    public string HomeOf(UserIdentity user) => environment.HomeOf(user);

    private string Named(string user) => user.Length == 0 ? defaultUser : user;

    // Profile files may take it away; execvp has a default then, and so have we.
    private static string SearchPathOf(Dictionary<string, string> variables) =>
        variables.GetValueOrDefault("PATH", SandboxEnvironment.DefaultPath);

    private static LaunchProgram CommandProgram(ProcessSpec spec, Dictionary<string, string> variables) =>
        new(ProgramSearch.Candidates(spec.Argv[0], SearchPathOf(variables)), spec.Argv);

    // A leading dash is how a shell learns that it is a login shell.
    private static LaunchProgram? LoginShellProgram(Dictionary<string, string> variables)
    {
        var shell = ProgramSearch.FindLoginShell(SearchPathOf(variables));
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
