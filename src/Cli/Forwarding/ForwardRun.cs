using OpenShell.Cli.Context;
using OpenShell.Cli.Rpc;
using OpenShell.Linux.Processes;
using OpenShell.Protocol.V1;

namespace OpenShell.Cli.Forwarding;

/// <summary>
/// The forwards of one command: (1) listen, (2) probe the way through gateway and sandbox to each target, (3) make the
/// run known to <c>list</c> and <c>stop</c>, (4) report that it is ready, (5) serve until cancelled or the sandbox is deleted.
/// </summary>
internal sealed class ForwardRun(CliContext context, GatewayConnection connection, Sandbox sandbox, bool detached)
{
    /// <param name="specs">At least one.</param>
    /// <param name="gateway">The gateway's name or address, for <c>list</c>.</param>
    /// <param name="ready">Called when all listen; gets each listener and why its target does not answer, or null.</param>
    /// <exception cref="CliException">An address cannot be listened on, the sandbox cannot be reached, or was deleted.</exception>
    public async Task RunAsync(
        IReadOnlyList<ForwardSpec> specs,
        string gateway,
        Func<IReadOnlyList<(ForwardPorts Ports, string? Silent)>, Task> ready,
        CancellationToken cancellationToken)
    {
        var store = new ForwardStore(context.Environment);
        var connector = new ForwardConnector(context, connection, sandbox);
        List<ForwardListener> listeners = [];
        Task[] serving = [];
        using var over = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        try
        {
            // 1
            foreach (var spec in specs)
            {
                listeners.Add(ForwardListener.Open(spec));
            }

            // 2
            List<(ForwardPorts, string?)> probed = [];
            foreach (var listener in listeners)
            {
                probed.Add((listener.Ports, await connector.ProbeAsync(listener.Ports, cancellationToken)));
            }

            // 3
            store.Add(Record(gateway, listeners));

            // 4
            await ready(probed);

            // 5
            serving =
            [
                EndWithSandboxAsync(over.Token),
                .. listeners.Select(listener => listener.RunAsync((socket, ports) => connector.ServeAsync(socket, ports, over.Token), over.Token)),
            ];
            // None ends but by its exception; the first one is the reason, those of the others follow from the cancellation.
            await await Task.WhenAny(serving);
        }
        finally
        {
            await over.CancelAsync();
            listeners.ForEach(listener => listener.Dispose());
            await Task.WhenAll(serving).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            await Task.WhenAll(listeners.Select(listener => listener.DrainAsync()));
            store.Remove(Environment.ProcessId);
        }
    }

    private async Task EndWithSandboxAsync(CancellationToken cancellationToken)
    {
        var name = sandbox.Metadata.Name;
        await new SandboxDeletionWatch(connection, name, sandbox.Metadata.Id, context.Time).WatchAsync(cancellationToken);
        throw new CliException(CliError.NotFound($"sandbox '{name}' was deleted; its forwards have ended"));
    }

    private ForwardRecord Record(string gateway, List<ForwardListener> listeners)
    {
        var start = ProcessStart.Of(Environment.ProcessId) ?? throw new IOException("/proc is not mounted: a forward could not be found again");
        return new ForwardRecord
        {
            Pid = Environment.ProcessId,
            StartTicks = start.Ticks,
            Boot = start.Boot,
            Gateway = gateway,
            Sandbox = sandbox.Metadata.Name,
            Workspace = connection.Target.Workspace,
            SandboxId = sandbox.Metadata.Id,
            Detached = detached,
            Ports = [.. listeners.Select(listener => listener.Ports)],
        };
    }
}
