using OpenShell.Gateway.Readiness;
using OpenShell.Gateway.Sessions;
using OpenShell.TestKit;

namespace OpenShell.Gateway.Model;

/// <summary>
/// One random run: does its steps, some in the middle of others, and looks at what must hold after each. The same steps
/// make the same run.
/// </summary>
internal sealed class ModelRun(Step[] steps) : IDisposable
{
    private readonly ModelGateway _gateway = new();
    private int _next;
    private int _looksToSplit;

    /// <summary>Runs the steps, ends everything that goes on then, and checks that nothing is left.</summary>
    public void Execute()
    {
        _gateway.Time.Looked = SplitHere;
        while (_next < steps.Length)
        {
            var step = steps[_next++];
            _looksToSplit = step.SplitAt;
            Do(step);
            _looksToSplit = 0;
            Settle();
        }

        Finish();
    }

    public void Dispose() => _gateway.Dispose();

    // The flow that looks at the clock is held here, on the stack, while the next step is done.
    private void SplitHere()
    {
        if (_looksToSplit == 0 || _gateway.Locked || --_looksToSplit > 0 || _next == steps.Length)
        {
            return;
        }

        Observe();
        Do(steps[_next++]);
        Observe();
    }

    private void Do(Step step)
    {
        var sandbox = ModelGateway.SandboxIds[step.Sandbox];
        switch (step.Kind)
        {
            case StepKind.Run when _gateway.Interleaver.Ready > 0:
                _gateway.Interleaver.Run(step.Pick);
                break;
            case StepKind.Dial:
                _gateway.Dial(sandbox, _gateway.Epochs[sandbox] - (step.Pick % 5 == 0 ? 1 : 0));
                break;
            case StepKind.HangUp:
                // Also one that has ended already: its end comes late.
                Pick(_gateway.Sessions, step.Pick)?.End(SessionEnd.PeerGone);
                break;
            case StepKind.Open:
                _gateway.Open(sandbox);
                break;
            case StepKind.GiveUp when Pick(_gateway.Opens.Where(o => !o.Task.IsCompleted), step.Pick) is { } open:
                open.GaveUp = true;
                open.Caller.Cancel();
                break;
            case StepKind.Claim when PickSent(step.Pick) is { Channel: { } channel, Owner: { } owner }:
                _gateway.Claim(channel, owner);
                break;
            case StepKind.ClaimAsAnother when PickSent(step.Pick) is { Channel: { } channel }:
                Assert.That(_gateway.ClaimNow(channel, "somebody-else").Active, Is.Null, "another sandbox's claim");
                break;
            case StepKind.Refuse when PickSent(step.Pick) is { Channel: { } channel, Owner: { } owner }:
                _gateway.Broker.Fail(channel, owner, "no target");
                break;
            case StepKind.EndRelay:
                Pick(_gateway.Relays, step.Pick)?.Over.TrySetResult();
                break;
            case StepKind.StopSandbox:
                _gateway.StopSandbox(sandbox);
                break;
            case StepKind.StartSandbox:
                _gateway.StartSandbox(sandbox);
                break;
            case StepKind.Snapshot:
                _gateway.Snapshot(sandbox, step.Pick % 2 == 0 ? DriverPhase.Ready : DriverPhase.Provisioning);
                break;
            case StepKind.TimePasses:
                _gateway.Time.Advance(TimeSpan.FromSeconds(1 + (step.Pick % 8)));
                break;
            case StepKind.StopGateway:
                _gateway.StopGateway();
                break;
        }
    }

    private void Settle()
    {
        Observe();
        // A wait that was ended by a promise hears of it from another thread; that is the only thing that does.
        Assert.That(
            SpinWait.SpinUntil(() => !_gateway.Opens.Exists(IsOnItsWay), Eventually.Timeout), Is.True, "who waits for what has come is told");
        ModelChecks.Always(_gateway);
        if (_gateway.Interleaver.Ready == 0)
        {
            ModelChecks.AtRest(_gateway);
        }
    }

    private void Finish()
    {
        Drain();
        _gateway.StopGateway();
        Drain();
        _gateway.Relays.ForEach(r => r.Over.TrySetResult());
        Drain();
        ModelChecks.AtTheEnd(_gateway);
    }

    private void Drain()
    {
        Settle();
        while (_gateway.Interleaver.Ready > 0)
        {
            _gateway.Interleaver.Run(0);
            Settle();
        }
    }

    // What the next step may destroy: slots that were taken, and what sessions were sent.
    private void Observe()
    {
        foreach (var pending in _gateway.Table.ListPending(null))
        {
            _gateway.Opens.Single(o => o.Name == pending.ServiceId).Pending = pending;
        }

        foreach (var (session, channels) in _gateway.Sent)
        {
            while (session.Commands.TryRead(out var command))
            {
                channels.Add(((OpenRelayCommand)command).ChannelId);
            }
        }
    }

    private bool IsOnItsWay(ModelOpen open) => open switch
    {
        { Task.IsCompleted: true } => false,
        { WaitsForSession: true } => open.Woken,
        { WaitsForClaim: true } => open.Pending is { Opened.IsCompleted: true },
        // Without a timer it goes on, or has given up and waits for a claim that was quicker.
        _ => open.Pending is not { Opened.IsCompleted: false } && !_gateway.Interleaver.IsReady(open.Actor),
    };

    private (string? Channel, string? Owner) PickSent(int pick)
    {
        var session = Pick(_gateway.Sent.Where(s => s.Value.Count > 0), pick);
        return session.Key is null ? default : (Pick(session.Value, pick / 7), session.Key.SandboxId);
    }

    private static T? Pick<T>(IEnumerable<T> from, int pick)
    {
        var candidates = from.ToList();
        return candidates.Count == 0 ? default : candidates[pick % candidates.Count];
    }
}
