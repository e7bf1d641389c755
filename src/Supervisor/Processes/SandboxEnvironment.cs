using OpenShell.Supervisor.Users;

namespace OpenShell.Supervisor.Processes;

/// <summary>The environment that every process of the sandbox starts with. Nothing of the supervisor's own gets in.</summary>
internal sealed class SandboxEnvironment(IReadOnlyDictionary<string, string> sandbox)
{
    public const string DefaultPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

    private const string Marker = "OPENSHELL_SANDBOX";
    private const string DefaultTerminal = "xterm-256color";

    /// <summary>What a login shell of a user starts with. What came later wins: defaults of the user, then the sandbox.</summary>
    public Dictionary<string, string> Of(UserIdentity user, string shell)
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

        environment[Marker] = "1";
        return environment;
    }

    /// <summary>The login directory of a user.</summary>
    public string HomeOf(UserIdentity user) => sandbox.TryGetValue("HOME", out var home) ? home : user.Home;

    /// <summary>Adds what a request asks for, which wins.</summary>
    public static void Add(Dictionary<string, string> environment, ProcessSpec spec)
    {
        if (spec.Terminal is { } terminal)
        {
            environment["TERM"] = terminal.Type.Length == 0 ? DefaultTerminal : terminal.Type;
        }

        foreach (var (name, value) in spec.Environment)
        {
            environment[name] = value;
        }

        environment[Marker] = "1";
    }
}
