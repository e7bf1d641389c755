using OpenShell.Supervisor.Users;

namespace OpenShell.Supervisor.Processes;

/// <summary>The environment that every process of the sandbox starts with. Nothing of the supervisor's own gets in.</summary>
internal sealed class SandboxEnvironment(IReadOnlyDictionary<string, string> sandbox)
{
    public const string DefaultPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

    private const string DefaultTerminal = "xterm-256color";

    /// <summary>What came later wins: defaults of the user, then the sandbox, then the request.</summary>
    public Dictionary<string, string> For(UserIdentity user, string shell, ProcessSpec spec)
    {
        var environment = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["HOME"] = user.Home,
            ["USER"] = user.Name,
            ["LOGNAME"] = user.Name,
            ["SHELL"] = shell,
            ["PATH"] = DefaultPath,
        };

        foreach (var (name, value) in sandbox)
        {
            environment[name] = value;
        }

        if (spec.Terminal is { } terminal)
        {
            environment["TERM"] = terminal.Type.Length == 0 ? DefaultTerminal : terminal.Type;
        }

        foreach (var (name, value) in spec.Environment)
        {
            environment[name] = value;
        }

        environment["OPENSHELL_SANDBOX"] = "1";
        return environment;
    }
}
