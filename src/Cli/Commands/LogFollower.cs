using Grpc.Core;
using OpenShell.Cli.Context;
using OpenShell.Cli.Rpc;
using OpenShell.Cli.Text;
using OpenShell.Protocol;
using OpenShell.Protocol.V1;

namespace OpenShell.Cli.Commands;

/// <summary>
/// Follows a sandbox's log until the sandbox is deleted. A stream that breaks once it was there is opened again, with growing
/// pauses and for as long as it takes: after the cursor of the last line, or, where that place is gone with the gateway that had
/// it, from the tail, whose lines are not printed again if they were.
/// </summary>
internal sealed class LogFollower(
    CliContext context, GatewayConnection connection, WatchSandboxRequest request, string sandboxId, Func<SandboxLogLine, string> format)
{
    private static readonly TimeSpan FirstRetryDelay = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan LongestRetryDelay = TimeSpan.FromSeconds(5);

    private readonly LogLineFilter _lines = new();
    private readonly Backoff _backoff = new(FirstRetryDelay, LongestRetryDelay, Random.Shared);
    // Empty: nothing was read yet, or the gateway has none, or does not know it any more.
    private string _cursor = "";
    private bool _wasOpen;
    private bool _isBroken;

    /// <exception cref="CliException">Another sandbox has the name by now.</exception>
    /// <exception cref="RpcException">The first stream could not be opened, or the gateway's answer is final.</exception>
    /// <exception cref="OperationCanceledException">The user gave up.</exception>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var since = request.SinceTime;
        while (!await FollowAsync(cancellationToken))
        {
            await Task.Delay(_backoff.Next(), context.Time, cancellationToken);
            request.ResumeAfterCursor = _cursor;
            if (_cursor.Length == 0)
            {
                request.SinceTime = _lines.Since(since);
                request.LogTailLines = LogLineFilter.Kept;
                _lines.Restart();
            }
        }
    }

    // True when the log is over, false when the stream broke.
    private async Task<bool> FollowAsync(CancellationToken cancellationToken)
    {
        var opened = context.Time.GetTimestamp();
        try
        {
            using var call = connection.Client.WatchSandbox(request, connection.Streaming(cancellationToken));
            while (await call.ResponseStream.MoveNext(cancellationToken))
            {
                if (call.ResponseStream.Current.Sandbox is { } now && now.Metadata.Id != sandboxId)
                {
                    throw new CliException(RpcErrors.Replaced(request.Sandbox));
                }

                await ReportReconnectAsync();
                await PrintAsync(call.ResponseStream.Current);
            }

            return true;
        }
        catch (RpcException e) when (e.StatusCode == StatusCode.OutOfRange && request.ResumeAfterCursor.Length > 0)
        {
            _cursor = "";
            await WarnAsync("the gateway does not know any more where the log was read to; it begins again, and lines may be missing here");
            return false;
        }
        catch (RpcException e) when (_wasOpen && RpcErrors.MayPass(e.StatusCode) && !cancellationToken.IsCancellationRequested)
        {
            // A stream that breaks as soon as it is there is no reason to hurry.
            if (context.Time.GetElapsedTime(opened) > LongestRetryDelay)
            {
                _backoff.Reset();
            }

            if (!_isBroken)
            {
                _isBroken = true;
                await WarnAsync($"the log stream broke ({Why(e.Status)}); connecting again");
            }

            return false;
        }
    }

    private async Task ReportReconnectAsync()
    {
        _wasOpen = true;
        if (_isBroken)
        {
            _isBroken = false;
            await WarnAsync("the log stream is back");
        }
    }

    private async Task PrintAsync(SandboxStreamEvent streamEvent)
    {
        // Bytewise, as the gateway orders them.
        if (string.CompareOrdinal(streamEvent.Cursor, _cursor) > 0)
        {
            _cursor = streamEvent.Cursor;
        }

        if (streamEvent.Log is { } line && _lines.TryShow(line))
        {
            await context.Console.Out.WriteLineAsync(format(line));
        }
        else if (streamEvent.Warning is { } warning)
        {
            await WarnAsync(warning.Message);
        }
    }

    private Task WarnAsync(string text) => context.Console.Error.WriteLineAsync($"warning: {SafeText.OneLine(text)}");

    private static string Why(Status status) => RpcErrors.IsTransportFailure(status) ? RpcErrors.TransportText(status) : RpcErrors.Text(status);
}
