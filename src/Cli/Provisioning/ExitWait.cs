using Grpc.Core;
using OpenShell.Cli.Context;
using OpenShell.Cli.Output;
using OpenShell.Cli.Rpc;
using OpenShell.Protocol;
using OpenShell.Protocol.V1;

namespace OpenShell.Cli.Provisioning;

/// <summary>
/// Waits until the main process of a sandbox has ended and is not to be started again. A watch that breaks is opened again for
/// as long as it takes; the first one has to come up.
/// </summary>
internal sealed class ExitWait(GatewayConnection connection, Sandbox sandbox, TimeProvider time)
{
    private const string MainProcessFailed = "MainProcessFailed";

    private static readonly TimeSpan FirstRetryDelay = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan LongestRetryDelay = TimeSpan.FromSeconds(5);

    private readonly Backoff _backoff = new(FirstRetryDelay, LongestRetryDelay, Random.Shared);
    private bool _wasOpen;

    private string Name => sandbox.Metadata.Name;

    /// <returns>Its exit code.</returns>
    /// <exception cref="CliException">The sandbox was deleted or stopped, or failed otherwise: there is no code.</exception>
    /// <exception cref="RpcException">The gateway refused.</exception>
    public async Task<int> RunAsync(CancellationToken cancellationToken)
    {
        var code = CodeOf(sandbox);
        while (code is null)
        {
            code = await FollowAsync(cancellationToken);
            if (code is null)
            {
                await Task.Delay(_backoff.Next(), time, cancellationToken);
            }
        }

        return code.Value;
    }

    // Null when the watch broke.
    private async Task<int?> FollowAsync(CancellationToken cancellationToken)
    {
        var request = new WatchSandboxRequest { Sandbox = Name, WorkspaceScope = connection.Scope, FollowStatus = true };
        try
        {
            using var call = connection.Client.WatchSandbox(request, connection.Streaming(cancellationToken));
            while (await call.ResponseStream.MoveNext(cancellationToken))
            {
                _wasOpen = true;
                if (call.ResponseStream.Current.Sandbox is not { } now)
                {
                    continue;
                }

                if (now.Metadata.Id != sandbox.Metadata.Id)
                {
                    throw new CliException(RpcErrors.Replaced(Name));
                }

                _backoff.Reset();
                if (CodeOf(now) is { } code)
                {
                    return code;
                }
            }

            throw new CliException(CliError.NotFound($"sandbox '{Name}' was deleted before its main process had ended"));
        }
        catch (RpcException e) when (_wasOpen && RpcErrors.MayPass(e.StatusCode) && !cancellationToken.IsCancellationRequested)
        {
            return null;
        }
    }

    private int? CodeOf(Sandbox now) => now.Status switch
    {
        { NextRestartTime: not null } => null,
        { Phase: SandboxPhase.Completed } status => status.ExitCode,
        // A code is kept until the next run is ready, so in any other error it may be that of the run before.
        { Phase: SandboxPhase.Error, HasExitCode: true } status when PhaseText.Reason(now) == MainProcessFailed => status.ExitCode,
        { Phase: SandboxPhase.Error } => throw NoCode(now, "failed"),
        { Phase: SandboxPhase.Stopped, HasExitCode: true } status => status.ExitCode,
        { Phase: SandboxPhase.Stopped } => throw NoCode(now, "was stopped"),
        _ => null,
    };

    private CliException NoCode(Sandbox now, string how)
    {
        var reason = PhaseText.Reason(now);
        return new(CliError.Failed($"sandbox '{Name}' {how}{(reason.Length > 0 ? $" ({reason})" : "")}; its main process has no exit code"));
    }
}
