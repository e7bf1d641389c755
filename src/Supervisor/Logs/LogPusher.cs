using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Grpc.Net.Client;
using OpenShell.Protocol;
using OpenShell.Protocol.V1;
using OpenShell.Supervisor.Gateway;

namespace OpenShell.Supervisor.Logs;

/// <summary>
/// Brings the outbox to the gateway, one call per batch: (1) wait for a session; (2) wait for a batch, or half a second
/// from its first line; (3) push until the gateway has acknowledged it; (4) between attempts wait longer and longer, but
/// a new session ends the wait; (5) a gateway that refuses us is not asked again before the next session.
/// At an orderly end (6) what waits is pushed without waiting for more, for a second at most and while the gateway takes it.
/// A call ends with the acknowledgement, so a gateway that is killed loses no line that it had not acknowledged, and an
/// idle sandbox holds no call open. A batch whose acknowledgement was lost comes twice.
/// </summary>
internal sealed class LogPusher(GatewayDialer dialer, string sandboxId, SandboxToken token, LogOutbox outbox, TimeProvider time) : IDisposable
{
    // Few calls however much is logged, and no line more than half a second late.
    private const int BatchLines = 50;
    private static readonly TimeSpan BatchWait = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan CallTimeout = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan FirstDelay = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestDelay = TimeSpan.FromSeconds(30);

    // The end of the sandbox waits for it.
    private static readonly TimeSpan FlushTime = TimeSpan.FromSeconds(1);

    // From the beginning, so that a session that is accepted before the first wait counts.
    private readonly Task _firstSession = outbox.Resumed;
    private PushSandboxLogsRequest? _unacknowledged;
    private GrpcChannel? _channel;

    private enum PushResult
    {
        Acknowledged,
        Failed,
        Refused,
    }

    /// <summary>Runs until it is told to stop; never faults.</summary>
    public async Task RunAsync(CancellationToken stopping)
    {
        try
        {
            // 1
            await _firstSession.WaitAsync(stopping);
            while (true)
            {
                // 2
                await outbox.WhenFilledAsync(1).WaitAsync(stopping);
                await WaitAsync(outbox.WhenFilledAsync(BatchLines), BatchWait, stopping);
                TakeBatch();
                await DeliverAsync(stopping);
            }
        }
        catch (Exception e) when (e is OperationCanceledException or RpcException && stopping.IsCancellationRequested)
        {
            // The supervisor ends.
        }
    }

    /// <summary>
    /// Brings what waits, once <see cref="RunAsync"/> has ended and no one else adds lines any more. The first failure
    /// ends it, and so does a gateway that takes too long; never faults.
    /// </summary>
    public async Task FlushAsync()
    {
        // 6
        using var over = new CancellationTokenSource(FlushTime, time);
        try
        {
            while (_firstSession.IsCompleted && TakeBatch() && await PushAsync(_unacknowledged!, over.Token) == PushResult.Acknowledged)
            {
                Acknowledge();
            }
        }
        catch (Exception e) when (e is OperationCanceledException or RpcException && over.IsCancellationRequested)
        {
            // The second is over.
        }
    }

    /// <inheritdoc/>
    public void Dispose() => Disconnect();

    // The batch before stays until the gateway has it; false if there is none.
    private bool TakeBatch()
    {
        if (_unacknowledged is null && outbox.Take(BatchLines) is { Length: > 0 } lines)
        {
            _unacknowledged = ToRequest(lines);
        }

        return _unacknowledged is not null;
    }

    private void Acknowledge()
    {
        outbox.Acknowledge(_unacknowledged!.Logs.Count);
        _unacknowledged = null;
    }

    private async Task DeliverAsync(CancellationToken stopping)
    {
        var backoff = new Backoff(FirstDelay, LongestDelay, Random.Shared);
        while (true)
        {
            var nextSession = outbox.Resumed;
            // 3
            switch (await PushAsync(_unacknowledged!, stopping))
            {
                case PushResult.Acknowledged:
                    Acknowledge();
                    return;
                case PushResult.Failed:
                    // 4
                    await WaitAsync(nextSession, backoff.Next(), stopping);
                    break;
                default:
                    // 5
                    await nextSession.WaitAsync(stopping);
                    break;
            }
        }
    }

    private async Task<PushResult> PushAsync(PushSandboxLogsRequest request, CancellationToken stopping)
    {
        _channel ??= dialer.CreateChannel();
        var deadline = time.GetUtcNow().UtcDateTime + CallTimeout;
        try
        {
            using var call = new Protocol.V1.OpenShell.OpenShellClient(_channel).PushSandboxLogs(token.Metadata, deadline, stopping);
            await SendAsync(call.RequestStream, request);
            await call.ResponseAsync;
            return PushResult.Acknowledged;
        }
        catch (RpcException e) when (!stopping.IsCancellationRequested)
        {
            Disconnect();
            return e.StatusCode is StatusCode.Unauthenticated or StatusCode.PermissionDenied or StatusCode.Unimplemented or StatusCode.InvalidArgument
                ? PushResult.Refused
                : PushResult.Failed;
        }
        catch (Exception e) when (e is HttpRequestException or IOException or InvalidOperationException
            || (e is OperationCanceledException && !stopping.IsCancellationRequested))
        {
            Disconnect();
            return PushResult.Failed;
        }
    }

    private static async Task SendAsync(IClientStreamWriter<PushSandboxLogsRequest> stream, PushSandboxLogsRequest request)
    {
        try
        {
            await stream.WriteAsync(request);
            await stream.CompleteAsync();
        }
        catch (Exception e) when (e is RpcException or InvalidOperationException or IOException)
        {
            // The gateway has ended the call; its answer says why.
        }
    }

    private async Task WaitAsync(Task happening, TimeSpan atMost, CancellationToken stopping)
    {
        using var over = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        await Task.WhenAny(happening, Task.Delay(atMost, time, over.Token));
        await over.CancelAsync();
        stopping.ThrowIfCancellationRequested();
    }

    // Whatever is wrong with the connection, the next attempt makes a new one.
    private void Disconnect()
    {
        _channel?.Dispose();
        _channel = null;
    }

    private PushSandboxLogsRequest ToRequest(LogLine[] batch)
    {
        var request = new PushSandboxLogsRequest { SandboxId = sandboxId };
        foreach (var line in batch)
        {
            var message = new SandboxLogLine
            {
                SandboxId = sandboxId,
                EventTime = Timestamp.FromDateTimeOffset(DateTimeOffset.FromUnixTimeMilliseconds(line.TimestampMs)),
                Level = line.Level,
                Target = line.Target,
                Message = line.Message,
                Source = line.Source,
            };
            foreach (var (key, value) in line.Fields)
            {
                message.Fields.Add(key, value);
            }

            request.Logs.Add(message);
        }

        return request;
    }
}
