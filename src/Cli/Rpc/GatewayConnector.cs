using System.CommandLine;
using Grpc.Core;
using OpenShell.Cli.Config;
using OpenShell.Cli.Context;
using OpenShell.Cli.Parsing;
using OpenShell.Protocol.Relay;
using OpenShell.Protocol.V1;

namespace OpenShell.Cli.Rpc;

/// <summary>Runs work against the gateway that the command line selects, and turns its failures into errors.</summary>
internal sealed class GatewayConnector(CliContext context, GlobalOptions options)
{
    /// <summary>The selected gateway; null when none is selected.</summary>
    /// <param name="gatewayName">Name of the gateway, of an option of the command; null leaves it to those that every command has.</param>
    public GatewayTarget? Find(ParseResult parsed, string? gatewayName = null)
    {
        var selection = options.Selection(parsed);
        return new GatewayResolver(context.Environment, new GatewayStore(context.Environment))
            .Resolve(gatewayName is null ? selection : selection with { Gateway = gatewayName });
    }

    /// <summary>LogLevel of ssh: what the environment says, else by how often -v was given.</summary>
    public string SshLogLevel(ParseResult parsed) => context.Environment.SshLogLevel ?? options.Verbosity(parsed) switch
    {
        0 => "ERROR",
        1 => "INFO",
        _ => "DEBUG",
    };

    /// <summary>The options that lead another run of this program to the same gateway; they name files, never a token.</summary>
    public IReadOnlyList<string> OptionsFor(ParseResult parsed, GatewayTarget target)
    {
        List<string> words = target.Name is { } name ? ["--gateway", name] : ["--gateway-endpoint", target.Endpoint.ToString()];

        // What a configured gateway has in its entry is found there again; a socket needs none.
        var configured = target.Name is not null && options.Selection(parsed) is { TokenFile: null, SendTokenInClear: false };
        if (!configured && target is { TokenFile: { } file, Endpoint.SocketPath: null })
        {
            words.AddRange(["--token-file", Path.GetFullPath(file)]);
            words.AddRange(target.SendTokenInClear ? [GlobalOptions.SendTokenInClear] : []);
        }

        words.AddRange(target.Workspace == WorkspaceName.Default ? [] : ["--workspace", target.Workspace]);
        return words;
    }

    /// <exception cref="CliException">No gateway, or what the gateway refused.</exception>
    public Task<int> RunAsync(ParseResult parsed, Func<GatewayConnection, Task<int>> work) => RunAsync(parsed, null, work);

    /// <param name="gatewayName">As for <see cref="Find"/>.</param>
    /// <exception cref="CliException">No gateway, or what the gateway refused.</exception>
    public async Task<int> RunAsync(ParseResult parsed, string? gatewayName, Func<GatewayConnection, Task<int>> work)
    {
        var target = Find(parsed, gatewayName)
            ?? throw new CliException(GatewayErrors.None);
        if (options.IsVerbose(parsed))
        {
            await context.Console.Error.WriteLineAsync($"gateway {target.Endpoint}, token file {target.TokenFile ?? "none"}");
        }

        using var connection = new GatewayConnection(target);
        try
        {
            return await work(connection);
        }
        catch (RpcException e) when (context.Signals.Token.IsCancellationRequested)
        {
            throw new OperationCanceledException(e.Message, e, context.Signals.Token);
        }
        catch (RpcException e)
        {
            throw new CliException(RpcErrors.ToError(e.Status, target), e);
        }
        catch (RelayRefusedException e)
        {
            throw new CliException(RpcErrors.ToError(new Status(e.Code, e.Detail), target), e);
        }
        catch (Exception e) when (e is HttpRequestException or IOException && RpcErrors.IsTransportFailure(e))
        {
            context.Signals.Token.ThrowIfCancellationRequested();
            throw new CliException(RpcErrors.Unreachable(e, target), e);
        }
    }

    /// <summary>The sandbox that has this name now.</summary>
    public static async Task<Sandbox> GetSandboxAsync(GatewayConnection connection, string name, CancellationToken cancellationToken)
    {
        var request = new GetSandboxRequest { Name = name, WorkspaceScope = connection.Scope };
        var response = await connection.Client.GetSandboxAsync(request, connection.Unary(cancellationToken));
        return response.Sandbox;
    }
}
