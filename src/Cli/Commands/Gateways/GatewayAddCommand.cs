using System.CommandLine;
using OpenShell.Cli.Config;
using OpenShell.Cli.Hosting;
using OpenShell.Cli.Output;
using OpenShell.Cli.Parsing;

namespace OpenShell.Cli.Commands.Gateways;

/// <summary><c>openshell gateway add ENDPOINT</c>. The first gateway is selected, too.</summary>
internal sealed class GatewayAddCommand : CliCommand
{
    private readonly GatewayStore _store;
    private readonly Argument<string> _endpoint = new("ENDPOINT") { Description = "Address of the gateway, as http://127.0.0.1:17670" };
    private readonly Option<string> _name = new("--name") { Description = "Name to call it by [default: local, or its host]", HelpName = "NAME" };

    // Hides the global option of the same name: here the file is kept with the gateway.
    private readonly Option<string> _tokenFile = new("--token-file") { Description = "File with the bearer token, to be used with this gateway", HelpName = "FILE" };
    private readonly Flag _select = new("--select", "Use it when no other is named");

    public GatewayAddCommand(CliHost host, GatewayStore store)
        : base("add", "Add a gateway, or replace one of the same name", host)
    {
        _store = store;
        Arguments.Add(_endpoint);
        Options.Add(_name);
        Options.Add(_tokenFile);
        Options.Add(_select);
    }

    protected override async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        GatewayEndpoint endpoint = GatewayEndpoint.Parse(parsed.GetRequiredValue(_endpoint));
        string name = GatewayName.Check(parsed.GetValue(_name) ?? GatewayName.For(endpoint));
        string? tokenFile = parsed.GetValue(_tokenFile) is { } path ? Path.GetFullPath(path) : null;
        if (tokenFile is not null)
        {
            _ = AccessToken.Read(tokenFile);
        }

        bool select = parsed.GetValue(_select) || _store.Active is null;
        _store.Add(name, endpoint, tokenFile);
        if (select)
        {
            _store.Select(name);
        }

        Palette palette = Palette.ForError(Host);
        await Host.Console.Error.WriteLineAsync($"{palette.Good("✓")} Added gateway {name} ({endpoint}){(select ? ", now selected" : "")}");
        if (!endpoint.IsLoopback)
        {
            await Host.Console.Error.WriteLineAsync($"{palette.Warn("!")} {endpoint} is not on this machine and not encrypted: whoever is on the way can read the token and take it");
        }

        return ExitCode.Ok;
    }
}
