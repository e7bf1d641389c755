using System.Collections;
using OpenShell.Linux.Programs;

namespace OpenShell.Cli.Context;

/// <summary>Everything that the command line reads from its environment, read once. Empty variables count as absent.</summary>
internal sealed class CliEnvironment
{
    private const string SystemGatewaysDefault = "/etc/openshell";

    // What OpenSSH's clients send as Debian and others configure them: the languages and the colours of the terminal.
    private const string Language = "LANG";
    private const string LanguagePrefix = "LC_";
    private const string Colors = "COLORTERM";
    private const int LongestTerminalVariable = 4096;

    private readonly IDictionary _variables;
    private readonly XdgDirectories _directories;

    private CliEnvironment(IDictionary variables)
    {
        _variables = variables;
        _directories = new XdgDirectories(Read);
    }

    /// <summary>OPENSHELL_GATEWAY: name of a configured gateway.</summary>
    public string? Gateway => Read("OPENSHELL_GATEWAY");

    /// <summary>OPENSHELL_GATEWAY_ENDPOINT: address of a gateway that need not be configured.</summary>
    public string? GatewayEndpoint => Read("OPENSHELL_GATEWAY_ENDPOINT");

    /// <summary>OPENSHELL_WORKSPACE: name of the workspace that commands are about.</summary>
    public string? Workspace => Read("OPENSHELL_WORKSPACE");

    /// <summary>OPENSHELL_TOKEN_FILE: file that holds the bearer token of <see cref="GatewayEndpoint"/>.</summary>
    public string? TokenFile => Read("OPENSHELL_TOKEN_FILE");

    /// <summary>OPENSHELL_SEND_TOKEN_IN_CLEAR=1: that token may be sent unencrypted to an unknown listener.</summary>
    public bool SendTokenInClear => Read("OPENSHELL_SEND_TOKEN_IN_CLEAR") is "1" or "true";

    /// <summary>Where this user's own gateway listens, by default.</summary>
    public string OwnGatewaySocket => Path.Combine(StateDirectory, "gateway", "run", "gateway.sock");

    /// <summary>OPENSHELL_PROVISION_TIMEOUT: whole seconds without progress until a wait is given up.</summary>
    public string? ProvisionTimeout => Read("OPENSHELL_PROVISION_TIMEOUT");

    /// <summary>OPENSHELL_COLOR: auto, always or never, as --color.</summary>
    public string? Color => Read("OPENSHELL_COLOR");

    /// <summary>OPENSHELL_SSH_LOG_LEVEL: LogLevel of the ssh that is run, before what -v asks for.</summary>
    public string? SshLogLevel => Read("OPENSHELL_SSH_LOG_LEVEL");

    /// <summary>NO_COLOR (no-color.org): any value turns colours off.</summary>
    public bool NoColor => Read("NO_COLOR") is not null || Read("TERM") is "dumb";

    /// <summary>TERM, passed on to the remote terminal.</summary>
    public string? Term => Read("TERM");

    /// <summary>$XDG_CONFIG_HOME/openshell.</summary>
    public string ConfigDirectory => _directories.Config;

    /// <summary>$XDG_STATE_HOME/openshell.</summary>
    public string StateDirectory => _directories.State;

    /// <summary>$XDG_RUNTIME_DIR/openshell, which ends with the user's last login; else in the state directory.</summary>
    public string RuntimeDirectory => _directories.Runtime;

    /// <summary>The user's home directory.</summary>
    public string HomeDirectory => _directories.Home;

    /// <summary>PATH: where programs are looked for.</summary>
    public IReadOnlyList<string> ProgramDirectories =>
        (Read("PATH") ?? "/usr/local/bin:/usr/bin:/bin").Split(':', StringSplitOptions.RemoveEmptyEntries);

    /// <summary>Where gateways are that the system's administrator configured (OPENSHELL_SYSTEM_GATEWAY_DIR).</summary>
    public string SystemGatewayDirectory => Read("OPENSHELL_SYSTEM_GATEWAY_DIR") ?? SystemGatewaysDefault;

    /// <summary>LANG, LC_… and COLORTERM: what goes with TERM to a remote terminal, as with ssh. Without what is no plain text.</summary>
    public IEnumerable<KeyValuePair<string, string>> TerminalVariables =>
        from name in _variables.Keys.Cast<string>()
        where name is Language or Colors
            || (name.StartsWith(LanguagePrefix, StringComparison.Ordinal) && name.All(c => char.IsAsciiLetterOrDigit(c) || c == '_'))
        let value = Read(name)
        where value is { Length: <= LongestTerminalVariable } && !value.Any(char.IsControl)
        orderby name
        select KeyValuePair.Create(name, value);

    /// <summary>The environment of this process.</summary>
    public static CliEnvironment OfProcess() => new(Environment.GetEnvironmentVariables());

    /// <summary>An environment of given variables and no others.</summary>
    public static CliEnvironment Of(IDictionary variables) => new(variables);

    /// <summary>A variable that the user asks to pass on; unlike the others it may be empty. Null when it is not set.</summary>
    public string? Variable(string name) => _variables[name] as string;

    private string? Read(string name) => _variables[name] is string { Length: > 0 } value ? value : null;
}
