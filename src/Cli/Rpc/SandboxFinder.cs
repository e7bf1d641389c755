using Grpc.Core;
using OpenShell.Cli.Config;
using OpenShell.Cli.Context;
using OpenShell.Cli.Text;
using OpenShell.Protocol.V1;

namespace OpenShell.Cli.Rpc;

/// <summary>Finds the sandbox that a command is about: the one that was named, else the one that was used last.</summary>
internal sealed class SandboxFinder(CliContext context)
{
    private readonly LastSandbox _last = new(context.Environment);

    /// <summary>Looks it up, and remembers it as the one that was used last.</summary>
    /// <param name="name">Null takes the last one, which is then named on standard error.</param>
    /// <exception cref="CliException">None was named and none was used, or the one that was used no longer exists.</exception>
    /// <exception cref="RpcException">There is no sandbox of that name, or the gateway refused.</exception>
    public async Task<Sandbox> FindAsync(GatewayConnection connection, string? name, CancellationToken cancellationToken)
    {
        return await UseAsync(connection, name, wanted => GatewayConnector.GetSandboxAsync(connection, wanted, cancellationToken));
    }

    /// <summary>Does something with it without looking it up before, and remembers it as the one that was used last.</summary>
    /// <param name="name">Null takes the last one, which is then named on standard error.</param>
    /// <param name="work">Gets the name.</param>
    /// <exception cref="CliException">None was named and none was used, or it does not exist.</exception>
    public async Task<T> UseAsync<T>(GatewayConnection connection, string? name, Func<string, Task<T>> work)
    {
        var wanted = name ?? await DefaultAsync(connection.Target);
        try
        {
            var result = await work(wanted);
            _last.Remember(connection.Target, wanted);
            return result;
        }
        catch (RpcException e) when (RpcErrors.IsNoSandbox(e.Status))
        {
            throw new CliException(
                name is null
                    ? CliError.NotFound($"the sandbox that was used last, '{wanted}', is gone; name another one")
                    : RpcErrors.NoSandbox(wanted, connection.Target),
                e);
        }
    }

    /// <summary>Notes a sandbox that a command made or used.</summary>
    public void Remember(GatewayConnection connection, string name) => _last.Remember(connection.Target, name);

    private async Task<string> DefaultAsync(GatewayTarget target)
    {
        var name = _last.Of(target)
            ?? throw new CliException(CliError.Usage("No sandbox name provided and no last-used sandbox.") with
            {
                Hints = ["Name one of those that there are: openshell sandbox list"],
            });
        await context.Console.Error.WriteLineAsync($"→ Using sandbox '{SafeText.OneLine(name)}' (last used)");
        return name;
    }
}
