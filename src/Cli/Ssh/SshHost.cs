using System.Text.RegularExpressions;
using OpenShell.Cli.Config;
using OpenShell.Cli.Context;
using OpenShell.Cli.Rpc;
using OpenShell.Protocol.V1;

namespace OpenShell.Cli.Ssh;

/// <summary>A sandbox as a host for ssh: its alias and the settings that lead to it.</summary>
internal sealed partial class SshHost
{
    /// <summary>Only for the log: the sandbox's image or policy decides which user runs.</summary>
    private const string User = "root";

    private readonly CliEnvironment _environment;
    private readonly GatewayTarget _target;
    private readonly IReadOnlyList<string> _gatewayOptions;
    private readonly string _name;

    /// <param name="gatewayOptions">What leads another run of this program to it: <see cref="GatewayConnector.OptionsFor"/>.</param>
    /// <exception cref="CliException">The name cannot be a host's.</exception>
    public SshHost(CliEnvironment environment, GatewayTarget target, IReadOnlyList<string> gatewayOptions, string name)
    {
        (_environment, _target, _gatewayOptions, _name) = (environment, target, gatewayOptions, name);
        if (!HostName().IsMatch(name))
        {
            throw new CliException(
                CliError.Failed($"sandbox '{name}' cannot be a host for ssh: its name has more than letters, digits, dots, dashes and underscores"));
        }
    }

    /// <summary>
    /// <c>openshell-NAME</c>, with <c>.WORKSPACE</c> where that is not the default one, and <c>.GATEWAY</c> where that is not the
    /// selected one.
    /// </summary>
    public string Alias(string? activeGateway) =>
        _target.Name is { } gateway && gateway == activeGateway ? KeyAlias : $"{KeyAlias}.{GatewayKey.Of(_target)}";

    /// <summary>Where the sandbox's host key is kept.</summary>
    public HostKeyFile HostKey => new(_environment, _target, _name);

    private string KeyAlias => _target.Workspace == WorkspaceName.Default ? $"openshell-{_name}" : $"openshell-{_name}.{_target.Workspace}";

    /// <summary>Keywords and values, as a configuration file of ssh has them.</summary>
    /// <param name="sandbox">The only one that ssh-proxy may lead to; null if the settings are to outlive this sandbox.</param>
    public IReadOnlyList<(string Keyword, string Value)> Settings(Sandbox? sandbox) =>
    [
        ("User", User),
        ("ProxyCommand", ProxyCommand(sandbox)),
        ("HostKeyAlias", KeyAlias),
        ("HostKeyAlgorithms", "ssh-ed25519"),
        ("UserKnownHostsFile", ShellQuoting.Path(HostKey.Path)),
        ("GlobalKnownHostsFile", "/dev/null"),
        ("StrictHostKeyChecking", "accept-new"),
        ("UpdateHostKeys", "no"),
        ("CheckHostIP", "no"),

        // The sandbox asks for no credentials, so it is offered none, and it must not use the user's.
        ("PubkeyAuthentication", "no"),
        ("PasswordAuthentication", "no"),
        ("KbdInteractiveAuthentication", "no"),
        ("ForwardAgent", "no"),
        ("ForwardX11", "no"),
        ("ServerAliveInterval", "15"),
        ("ServerAliveCountMax", "3"),
        ("Ciphers", "^aes128-gcm@openssh.com"),
        ("Compression", "no"),

        // Without this ssh reports at every first connection that it adds a key.
        ("LogLevel", "ERROR"),
    ];

    /// <summary>A <c>Host</c> block for a configuration file.</summary>
    public string Block(string? activeGateway) =>
        string.Concat(Settings(null).Select(setting => $"    {setting.Keyword} {setting.Value}\n").Prepend($"Host {Alias(activeGateway)}\n"));

    private string ProxyCommand(Sandbox? sandbox)
    {
        var program = Environment.ProcessPath ?? "openshell";
        IEnumerable<string> id = sandbox is null ? [] : ["--id", sandbox.Metadata.Id];
        return ShellQuoting.Join([program, "ssh-proxy", .. _gatewayOptions, .. id, "--", _name]);
    }

    [GeneratedRegex(@"\A[A-Za-z0-9][A-Za-z0-9._-]*\z")]
    private static partial Regex HostName();
}
