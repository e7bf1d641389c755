using System.CommandLine;
using System.Text.Json.Nodes;
using Grpc.Core;
using OpenShell.Cli.Completion;
using OpenShell.Cli.Config;
using OpenShell.Cli.Context;
using OpenShell.Cli.Output;
using OpenShell.Cli.Parsing;
using OpenShell.Cli.Rpc;
using OpenShell.Linux.Programs;
using OpenShell.Protocol.V1;

namespace OpenShell.Cli.Commands.Gateways;

/// <summary>
/// <c>openshell gateway info [NAME]</c>: what is configured, and what the gateway says of itself to its administrators. One that
/// does not say it is shown all the same; then the exit code is that of the failure.
/// </summary>
internal sealed class GatewayInfoCommand : CliCommand
{
    private static readonly TimeSpan AnswerTimeout = TimeSpan.FromSeconds(5);

    private readonly GatewayConnector _connector;
    private readonly GatewayStore _store;
    private readonly GatewayNameArgument _name;
    private readonly OutputOption _output = new();

    public GatewayInfoCommand(CliContext context, GatewayConnector connector, GatewayStore store)
        : base("info", "Show a gateway: how it is configured, and what it says of itself", context)
    {
        (_connector, _store) = (connector, store);
        _name = new GatewayNameArgument(store) { Arity = ArgumentArity.ZeroOrOne, Description = "Name of the gateway [default: the selected one]" };
        Arguments.Add(_name);
        Options.Add(_output);
    }

    protected override async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var target = parsed.GetValue(_name) is { } name
            ? new GatewayResolver(Context.Environment, _store).Resolve(new GatewaySelection(null, GatewayName.Check(name), null, false))
            : _connector.Find(parsed);
        target = target ?? throw new CliException(GatewayErrors.None);
        (var info, var error) = await AskAsync(target, cancellationToken);
        var entry = target.Name is { } known ? _store.Find(known) : null;
        if (_output.Of(parsed) is not OutputFormat.Table and var format)
        {
            var document = entry is null ? new JsonObject { ["endpoint"] = target.Endpoint.ToString() } : GatewayView.Document(entry, _store.Active);
            GatewayView.AddAnswer(document, info, error);
            DocumentWriter.Write(Context.Console.Out, document, format);
        }
        else
        {
            Print(target, entry, info, error);
        }

        return error?.ExitCode ?? ExitCodes.Ok;
    }

    private static async Task<(GetGatewayInfoResponse? Info, CliError? Error)> AskAsync(GatewayTarget target, CancellationToken cancellationToken)
    {
        try
        {
            using var connection = new GatewayConnection(target);
            return (await connection.Client.GetGatewayInfoAsync(new GetGatewayInfoRequest(), connection.Unary(cancellationToken, AnswerTimeout)), null);
        }
        catch (RpcException e) when (!cancellationToken.IsCancellationRequested)
        {
            return (null, RpcErrors.ToError(e.Status, target));
        }
        catch (CliException e)
        {
            return (null, e.Error);
        }
    }

    private void Print(GatewayTarget target, GatewayEntry? entry, GetGatewayInfoResponse? info, CliError? error)
    {
        if (entry is not null)
        {
            Row("Name", entry.Name);
        }

        Row("Endpoint", target.Endpoint.ToString());
        if (entry is not null)
        {
            Row("Source", GatewayView.Source(entry));
            Row("Active", entry.Name == _store.Active ? "yes" : "no");
            Row("Authentication", entry.AuthMode);
            Row("Token file", $"{entry.TokenFile ?? "-"}{(entry.SendTokenInClear ? " (sent in clear)" : "")}");
        }

        foreach ((var key, var value) in GatewayView.Answer(info, error))
        {
            Row(key, value);
        }
    }

    private void Row(string key, string value) => Context.Console.Out.WriteLine($"{Context.OutPalette.Bold(key + ":")} {value}");
}
