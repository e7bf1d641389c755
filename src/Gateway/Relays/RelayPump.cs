using OpenShell.Protocol.Relay;

namespace OpenShell.Gateway.Relays;

/// <summary>How a pump ended.</summary>
internal enum PumpEnd
{
    /// <summary>Both directions ended in order.</summary>
    Done,

    /// <summary>The caller's side broke or did not take what came.</summary>
    CallerBroke,

    /// <summary>The sandbox's side broke or did not take what came.</summary>
    TargetBroke,
}

/// <summary>How a pump ended, and what broke.</summary>
internal readonly record struct PumpResult(PumpEnd End, string Error);

/// <summary>
/// Joins a caller's stream and a relay. Each piece goes from one transport's buffers into the other's, which is the one
/// copy; the next is read when that has been taken, which is the back-pressure. The end of one direction leaves the
/// other open. A sandbox's side that takes nothing more has perhaps said all that it has to say: how its own direction
/// ends decides.
/// </summary>
internal static class RelayPump
{
    /// <summary>Copies both ways until both have ended, or one breaks, or the target has ended and takes nothing more.</summary>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was cancelled.</exception>
    public static async Task<PumpResult> RunAsync(RelayConnection caller, RelayConnection target, CancellationToken cancellationToken)
    {
        using var broken = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        using var untaken = CancellationTokenSource.CreateLinkedTokenSource(broken.Token, target.Broken);
        var up = CopyUpAsync(caller, target, broken.Token, untaken.Token);
        var down = CopyAsync(target, caller, PumpEnd.TargetBroke, PumpEnd.CallerBroke, broken.Token);
        var (first, second) = await Task.WhenAny(up, down) == up ? (up, down) : (down, up);
        try
        {
            var result = await first;
            if (result.End == PumpEnd.Done || (first == up && result.End == PumpEnd.TargetBroke))
            {
                var other = await second;
                return second == up && other.End == PumpEnd.TargetBroke && target.Broken.IsCancellationRequested ? result : other;
            }

            await broken.CancelAsync();
            await second;
            return result;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // The second direction, because of the first.
            return await first;
        }
        finally
        {
            // Neither may touch the streams any more when this returns.
            await ((Task)second).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private static async Task<PumpResult> CopyUpAsync(
        RelayConnection caller, RelayConnection target, CancellationToken broken, CancellationToken untaken)
    {
        try
        {
            return await CopyAsync(caller, target, PumpEnd.CallerBroke, PumpEnd.TargetBroke, untaken);
        }
        catch (OperationCanceledException) when (!broken.IsCancellationRequested)
        {
            return new PumpResult(PumpEnd.TargetBroke, "The relay was closed by the peer.");
        }
    }

    private static async Task<PumpResult> CopyAsync(
        RelayConnection from, RelayConnection to, PumpEnd fromBroke, PumpEnd toBroke, CancellationToken cancellationToken)
    {
        var side = fromBroke;
        try
        {
            while (await from.ReadAsync(cancellationToken) is { Kind: RelayReadKind.Data } read)
            {
                side = toBroke;
                await to.WriteAsync(read.Data, flush: !read.MoreBuffered, cancellationToken);
                side = fromBroke;
                from.Advance();
            }

            side = toBroke;
            await to.CompleteWritesAsync(cancellationToken);
            return new PumpResult(PumpEnd.Done, "");
        }
        catch (IOException e)
        {
            return new PumpResult(side, e.Message);
        }
    }
}
