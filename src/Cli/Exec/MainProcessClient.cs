using Grpc.Core;
using OpenShell.Cli.Context;
using OpenShell.Cli.Rpc;
using OpenShell.Protocol.V1;

namespace OpenShell.Cli.Exec;

/// <summary>The main process of a sandbox, with this process's standard streams.</summary>
internal sealed class MainProcessClient(CliContext context, GatewayConnection connection, Sandbox sandbox)
{
    private readonly InteractiveExec _session = new(context, connection, sandbox.Metadata.Name);

    private string Name => sandbox.Metadata.Name;

    /// <summary>The user has detached; it goes on.</summary>
    public bool Detached => _session.Detached;

    /// <summary>Attaches until it ends or the user detaches.</summary>
    /// <returns>Its exit code, 0 to 255; 0 when <see cref="Detached"/>.</returns>
    /// <exception cref="CliException">The connection was lost.</exception>
    /// <exception cref="RpcException">The gateway refused, and it has not ended.</exception>
    public async Task<int> AttachAsync(bool readOnly, CancellationToken cancellationToken)
    {
        var request = new ExecSandboxRequest
        {
            Sandbox = Name,
            WorkspaceScope = connection.Scope,
            Attach = new MainProcessAttach { ReadOnly = readOnly },
        };
        try
        {
            var code = await _session.RunAsync(request, cancellationToken);
            if (Detached)
            {
                await context.Console.Error.WriteLineAsync(
                    $"Detached from sandbox '{Name}', which goes on; attach again with: openshell sandbox attach {Name}");
            }

            return code;
        }
        catch (RpcException e) when (e.StatusCode == StatusCode.FailedPrecondition && !cancellationToken.IsCancellationRequested)
        {
            // A sandbox whose main process has failed may be out of reach already.
            var now = await GatewayConnector.GetSandboxAsync(connection, Name, cancellationToken);
            if (now.Status is not { HasExitCode: true } status)
            {
                throw;
            }

            await context.Console.Error.WriteLineAsync(
                $"The main process of sandbox '{Name}' has ended; its output cannot be read: {e.Status.Detail}");
            return status.ExitCode & 0xff;
        }
    }
}
