using OpenShell.Protocol;
using OpenShell.Protocol.Logs;
using OpenShell.Supervisor.Gateway;
using OpenShell.Supervisor.Logs;

namespace OpenShell.Supervisor.Sessions;

/// <summary>Keeps a session with the gateway for as long as the supervisor lives.</summary>
internal sealed class ReconnectLoop(GatewayDialer dialer, Func<GatewaySession> newSession, SupervisorLog log, TimeProvider time)
{
    // Short at first, because a restarted gateway is back soon; bounded, so that sandboxes are usable soon after a long outage.
    private static readonly TimeSpan FirstDelay = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan LongestDelay = TimeSpan.FromSeconds(5);

    /// <summary>Ends only when it is told to.</summary>
    public async Task RunAsync(CancellationToken stopping)
    {
        var backoff = new Backoff(FirstDelay, LongestDelay, Random.Shared);
        var lastReason = "";
        try
        {
            while (true)
            {
                var started = time.GetTimestamp();
                var (end, sessionId) = await RunOneAsync(stopping);
                if (end.WasAccepted)
                {
                    backoff.Reset();
                }

                // The same failure many times over is one line.
                if (end.WasAccepted || end.Reason != lastReason)
                {
                    log.Warn($"session ended: {end.Reason}");
                    var kind = end.WasAccepted ? NetworkActivityKind.Close : NetworkActivityKind.Fail;
                    log.Network(new NetworkActivity(kind, "session", sessionId, "") { Reason = end.Reason, Duration = time.GetElapsedTime(started) });
                }

                lastReason = end.Reason;
                await Task.Delay(backoff.Next(), time, stopping);
            }
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // The supervisor ends.
        }
    }

    private async Task<(SessionEnd End, string SessionId)> RunOneAsync(CancellationToken stopping)
    {
        using var channel = dialer.CreateChannel();
        var session = newSession();
        return (await session.RunAsync(channel, stopping), session.SessionId);
    }
}

/// <summary>How a session ended.</summary>
/// <param name="WasAccepted">Whether the gateway had accepted it: then the next attempt comes soon.</param>
internal sealed record SessionEnd(bool WasAccepted, string Reason);
