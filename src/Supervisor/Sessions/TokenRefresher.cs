using Grpc.Core;
using OpenShell.Protocol;
using OpenShell.Protocol.Times;
using OpenShell.Protocol.V1;
using OpenShell.Supervisor.Gateway;
using OpenShell.Supervisor.Logs;
using OpenShellClient = OpenShell.Protocol.V1.OpenShell.OpenShellClient;

namespace OpenShell.Supervisor.Sessions;

/// <summary>
/// Keeps the token fresh with a gateway that does not send new ones over the session: asks for one when about four fifths of the
/// life of the one before are over. Spans, not times: a guest's clock may be wrong.
/// </summary>
internal sealed class TokenRefresher(SandboxToken token, SupervisorLog log, TimeProvider time)
{
    private const double Used = 0.8;
    private static readonly TimeSpan CallTimeout = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan FirstDelay = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestDelay = TimeSpan.FromMinutes(1);

    // What a timer takes is a little more.
    private static readonly TimeSpan LongestWait = TimeSpan.FromDays(40);

    /// <summary>Beside a session, to its end. How old the token is that a session begins with is not known: it is refreshed at once.</summary>
    public async Task RunAsync(ChannelBase channel, CancellationToken ended)
    {
        var client = new OpenShellClient(channel);
        var backoff = new Backoff(FirstDelay, LongestDelay, Random.Shared);
        while (true)
        {
            TimeSpan? wait = backoff.Next();
            try
            {
                var options = new CallOptions(token.Metadata, time.GetUtcNow().UtcDateTime + CallTimeout, ended);
                var answer = await client.RefreshSandboxTokenAsync(new RefreshSandboxTokenRequest(), options);
                token.Value = answer.Token;
                backoff.Reset();
                wait = LifetimeOf(answer) is { } life ? life * Used : null;
            }
            catch (RpcException e) when (e.StatusCode is StatusCode.Unimplemented or StatusCode.FailedPrecondition)
            {
                log.Warn($"the gateway gives no new token: {e.StatusCode}");
                return;
            }
            catch (RpcException e)
            {
                log.Debug($"a new token: {e.StatusCode}");
            }
            catch (Exception e) when (e is HttpRequestException or IOException)
            {
                log.Debug($"a new token: {e.Message}");
            }

            if (wait is not { } pause)
            {
                // It never ends.
                return;
            }

            await Task.Delay(pause < LongestWait ? pause : LongestWait, time, ended);
        }
    }

    private TimeSpan? LifetimeOf(RefreshSandboxTokenResponse answer)
    {
        if (TokenClaims.Read(answer.Token).Lifetime is { } life)
        {
            return life;
        }

        var left = answer.ExpirationTime is { } end && end.TryToTime(out var at) ? at - time.GetUtcNow() : (TimeSpan?)null;
        return left < FirstDelay ? FirstDelay : left;
    }
}
