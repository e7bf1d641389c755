using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using OpenShell.Cli.Context;
using OpenShell.Cli.Output;
using OpenShell.Cli.Rpc;
using OpenShell.Linux.Programs;
using OpenShell.Protocol.V1;

namespace OpenShell.Cli.Provisioning;

/// <summary>
/// Waits until a sandbox is in a phase. 1: follow its watch. 2: when the watch breaks, read the sandbox once and follow
/// again, at most <see cref="MostBreaks"/> times without a message between. 3: give up after a time without progress.
/// The phase that is waited for counts only once another was seen: an answer from before the request must not end it. Who waits
/// for Ready also gets Completed: it was ready, and its main process has ended well.
/// </summary>
internal sealed class PhaseWait
{
    private const int MostBreaks = 10;
    private const uint EventTail = 50;
    private static readonly TimeSpan FirstRetryDelay = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LongestRetryDelay = TimeSpan.FromSeconds(2);

    private readonly GatewayConnection _connection;
    private readonly TimeProvider _time;
    private readonly TimeSpan _idleTimeout;
    private readonly HashSet<(Timestamp?, string, string)> _shown = [];
    private readonly SandboxPhase _awaited;
    private readonly bool _orExited;
    private Sandbox _latest;
    private bool _sawAnother;
    private int _breaks;

    /// <param name="sandbox">The response to the request whose effect is awaited.</param>
    /// <param name="idleTimeout">Longest time without a platform event.</param>
    /// <param name="orExited">A sandbox whose main process has failed is accepted, too.</param>
    public PhaseWait(
        GatewayConnection connection, Sandbox sandbox, SandboxPhase awaited, TimeSpan idleTimeout, TimeProvider time, bool orExited = false)
    {
        _orExited = orExited;
        _connection = connection;
        _latest = sandbox;
        _awaited = awaited;
        _idleTimeout = idleTimeout;
        _time = time;
    }

    private string Name => _latest.Metadata.Name;

    /// <returns>The sandbox in the awaited phase, or exited where that was asked for.</returns>
    /// <exception cref="CliException">It failed, was deleted, or made no progress.</exception>
    /// <exception cref="RpcException">The gateway refused, or cannot be reached any more.</exception>
    public async Task<Sandbox> RunAsync(Action<string> step, CancellationToken cancellationToken)
    {
        using var idle = new CancellationTokenSource(_idleTimeout, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(idle.Token, cancellationToken);
        try
        {
            var arrived = Observe(_latest);
            while (!arrived)
            {
                arrived = await FollowAsync(step, idle, either.Token)
                    || (await PauseAsync(either.Token) && Observe(await ReadAsync(either.Token)));
            }

            return _latest;
        }
        catch (Exception e) when (e is OperationCanceledException or RpcException && cancellationToken.IsCancellationRequested)
        {
            throw new OperationCanceledException(e.Message, e, cancellationToken);
        }
        catch (RpcException e) when (RpcErrors.IsNoSandbox(e.Status))
        {
            throw new CliException(CliError.NotFound($"sandbox '{Name}' was deleted"), e);
        }
        catch (Exception e) when (e is OperationCanceledException or RpcException && idle.IsCancellationRequested)
        {
            throw new CliException(new CliError("timeout", TimeoutText(), ExitCodes.Failed), e);
        }
    }

    // 1. True once the phase is there, false when the watch broke.
    private async Task<bool> FollowAsync(Action<string> step, CancellationTokenSource idle, CancellationToken cancellationToken)
    {
        var request = new WatchSandboxRequest
        {
            Sandbox = Name,
            WorkspaceScope = _connection.Scope,
            FollowStatus = true,
            FollowEvents = true,
            EventTail = EventTail,
        };
        try
        {
            using var call = _connection.Client.WatchSandbox(request, _connection.Streaming(cancellationToken));
            while (await call.ResponseStream.MoveNext(cancellationToken))
            {
                _breaks = 0;
                var current = call.ResponseStream.Current;
                if (current.Event is { } platformEvent)
                {
                    Show(platformEvent, step, idle);
                }
                else if (current.Sandbox is { } snapshot && Observe(snapshot))
                {
                    return true;
                }
            }
        }
        catch (RpcException e) when (RpcErrors.MayPass(e.StatusCode) && _breaks < MostBreaks && !cancellationToken.IsCancellationRequested)
        {
        }

        return false;
    }

    // 2. Always true: it is a step in a chain.
    private async Task<bool> PauseAsync(CancellationToken cancellationToken)
    {
        if (++_breaks > MostBreaks)
        {
            var message = $"the gateway keeps ending the watch of sandbox '{Name}'; see: openshell sandbox get {Name}";
            throw new CliException(new CliError("unavailable", message, ExitCodes.Unavailable));
        }

        await Task.Delay(TimeSpan.FromTicks(Math.Min(FirstRetryDelay.Ticks << (_breaks - 1), LongestRetryDelay.Ticks)), _time, cancellationToken);
        return true;
    }

    private async Task<Sandbox> ReadAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await GatewayConnector.GetSandboxAsync(_connection, Name, cancellationToken);
        }
        catch (RpcException e) when (RpcErrors.MayPass(e.StatusCode) && _breaks < MostBreaks && !cancellationToken.IsCancellationRequested)
        {
            return _latest;
        }
    }

    private bool Observe(Sandbox snapshot)
    {
        if (snapshot.Metadata.Id != _latest.Metadata.Id)
        {
            throw new CliException(RpcErrors.Replaced(Name));
        }

        _latest = snapshot;
        var phase = snapshot.Status?.Phase ?? SandboxPhase.Unspecified;
        switch (phase)
        {
            case SandboxPhase.Completed when _awaited == SandboxPhase.Ready:
            case SandboxPhase.Error when _orExited && snapshot.Status is { HasExitCode: true }:
                return true;
            case SandboxPhase.Error:
                throw new CliException(CliError.Failed($"sandbox '{Name}' failed: {PhaseText.Explanation(snapshot) ?? "no reason was given"}"));
            case SandboxPhase.Deleting:
                throw new CliException(CliError.Failed($"sandbox '{Name}' is being deleted"));
        }

        _sawAnother |= phase != _awaited;
        return _sawAnother && phase == _awaited;
    }

    private void Show(PlatformEvent platformEvent, Action<string> step, CancellationTokenSource idle)
    {
        // A watch that is opened again begins with the events that the last one had.
        if (_shown.Add((platformEvent.EventTime, platformEvent.Reason, platformEvent.Message)))
        {
            idle.CancelAfter(_idleTimeout);
            step(ProgressText.Of(platformEvent));
        }
    }

    private string TimeoutText() =>
        $"sandbox '{Name}' made no progress for {_idleTimeout.TotalSeconds:F0} s and is still {PhaseText.Of(_latest)}{Why(_latest)}; " +
        $"it was kept, see: openshell sandbox get {Name} (OPENSHELL_PROVISION_TIMEOUT sets the seconds)";

    private static string Why(Sandbox sandbox) => PhaseText.Explanation(sandbox) is { } explanation ? $" ({explanation})" : "";
}
