using System.CommandLine;
using OpenShell.Cli.Config;
using OpenShell.Cli.Context;
using OpenShell.Cli.Parsing;
using OpenShell.Linux.Programs;

namespace OpenShell.Cli.Commands.Gateways;

/// <summary><c>openshell gateway add ENDPOINT</c>. The first gateway is selected, too.</summary>
internal sealed class GatewayAddCommand : CliCommand
{
    private readonly GatewayStore _store;
    private readonly Argument<string> _endpoint =
        new("ENDPOINT") { Description = "Address of the gateway: unix:PATH (the local one's is in its log) or http://HOST:PORT" };
    private readonly TextOption _name = new("--name", "Name to call it by [default: local, or its host]", "NAME");

    // These hide the global options of the same names: here they are kept with the gateway.
    private readonly TextOption _tokenFile = new("--token-file", "File with the bearer token, to be used with this gateway", "FILE");
    private readonly Flag _sendTokenInClear = new(GlobalOptions.SendTokenInClear, GlobalOptions.SendTokenInClearDescription);
    private readonly Flag _select = new("--select", "Use it when no other is named");

    public GatewayAddCommand(CliContext context, GatewayStore store)
        : base("add", "Add a gateway, or replace one of the same name", context)
    {
        _store = store;
        Arguments.Add(_endpoint);
        Options.Add(_name);
        Options.Add(_tokenFile);
        Options.Add(_sendTokenInClear);
        Options.Add(_select);
    }

    protected override async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var endpoint = GatewayEndpoint.Parse(parsed.GetRequiredValue(_endpoint));
        var name = GatewayName.Check(parsed.GetValue(_name) ?? GatewayName.For(endpoint));
        var tokenFile = parsed.GetValue(_tokenFile) is { } path ? Path.GetFullPath(path) : null;
        var inClear = parsed.GetValue(_sendTokenInClear);
        var token = Check(name, endpoint, tokenFile, inClear);
        var select = parsed.GetValue(_select) || _store.Selected is null;
        _store.Add(name, endpoint, token, inClear);
        if (select)
        {
            _store.Select(name);
        }

        await DoneAsync($"Added gateway {name} ({endpoint}){(select ? ", now selected" : "")}");
        if (inClear)
        {
            var onTheWay = endpoint.IsLoopback ? "" : ", and past whoever is on the way";
            await WarnAsync($"The token goes unencrypted to whoever listens on {endpoint}{onTheWay}, and whoever has it can do everything");
        }

        return ExitCodes.Ok;
    }

    private static AccessToken? Check(string name, GatewayEndpoint endpoint, string? tokenFile, bool inClear)
    {
        if (endpoint.SocketPath is not null && (tokenFile is not null || inClear))
        {
            throw new CliException(CliError.Usage($"{endpoint} takes no token: the gateway knows there who calls"));
        }

        if (inClear && tokenFile is null)
        {
            throw new CliException(CliError.Usage($"{GlobalOptions.SendTokenInClear} without --token-file: there is no token to send"));
        }

        // A bad token file or endpoint is reported now and not at the first use.
        return new GatewayTarget(name, endpoint, tokenFile, inClear).ReadToken();
    }
}
