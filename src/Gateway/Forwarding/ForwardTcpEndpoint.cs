using Grpc.Core;
using OpenShell.Gateway.Http;
using OpenShell.Gateway.Relays;
using OpenShell.Gateway.SshAccess;
using OpenShell.Gateway.Store;
using OpenShell.Protocol.Outcomes;
using OpenShell.Protocol.Relay;

namespace OpenShell.Gateway.Forwarding;

/// <summary>
/// ForwardTcp, served straight on the HTTP/2 body: (1) read init, (2) check it, the sandbox and the token, and take a
/// place, (3) open a relay, (4) answer headers, which tell the caller that the target is connected, (5) pump both ways,
/// (6) end with a status. Until (4) the status comes in the headers, later in the trailers.
/// </summary>
internal sealed class ForwardTcpEndpoint(
    SshAccessTokens tokens,
    AccessLeases leases,
    RelayBroker relays,
    RelayTurns turns,
    SshAccessOptions options,
    ILogger<ForwardTcpEndpoint> logger)
{
    public async Task ServeAsync(HttpContext context)
    {
        RelayServerTransport.LiftLimits(context);
        var reader = new RelayFrameReader(context.Request.BodyReader);

        // 1
        if (await RelayFirstFrame.ReadAsync(context, reader) is not { } first)
        {
            return;
        }

        var parsed = ForwardRequest.From(first);
        reader.Advance();

        Failure? failure;
        try
        {
            failure = parsed.Succeeded(out var request, out var invalid) ? await AuthorizeAsync(context, reader, request) : invalid;
        }
        catch (StoreUnavailableException e)
        {
            failure = new Failure(FailureKind.Unavailable, e.Message);
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            // Nobody is there to be answered.
            return;
        }

        // 6
        await GrpcResponse.EndAsync(context, failure?.Kind.ToStatusCode() ?? StatusCode.OK, failure?.Message ?? "");
    }

    private async Task<Failure?> AuthorizeAsync(HttpContext context, RelayFrameReader reader, ForwardRequest request)
    {
        // 2
        var found = await tokens.FindReadyAsync(request.Workspace, request.Sandbox, context.RequestAborted);
        if (!found.Succeeded(out var sandbox, out var unready))
        {
            return unready;
        }

        if (request.Token.Length == 0)
        {
            return new Failure(FailureKind.Unauthenticated, "authorization_token is required for ForwardTcp");
        }

        if (!SshAccessToken.TryParse(request.Token, out var token))
        {
            return new Failure(FailureKind.Unauthenticated, "SSH session token not found");
        }

        using var lease = leases.Enter(token.Value.Id, sandbox.Id);
        var refused = await tokens.CheckAsync(token.Value, sandbox, context.RequestAborted) ?? leases.TryCount(lease);
        if (refused is not null)
        {
            return refused;
        }

        using var over = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, lease.Ended);
        try
        {
            return await RunAsync(context, reader, request, sandbox.Id, lease, over.Token);
        }
        catch (OperationCanceledException) when (lease.EndReason is { } reason)
        {
            return new Failure(FailureKind.Unauthenticated, reason);
        }
    }

    private async Task<Failure?> RunAsync(
        HttpContext context, RelayFrameReader reader, ForwardRequest request, string sandboxId, AccessLease lease, CancellationToken over)
    {
        // 3
        var opening = await OpenAsync(request, sandboxId, over);
        if (!opening.Succeeded(out var relay, out var failure))
        {
            return RelayFailures.ToCaller(failure);
        }

        await using (relay)
        {
            ForwardLog.Opened(logger, request.Target.Kind, sandboxId, lease.CredentialId);
            var reason = "the caller went away";
            try
            {
                // 4
                GrpcResponse.Begin(context);
                context.Response.Headers[RelayWire.FeaturesHeader] = RelayFeatures.EndOfStream;
                await context.Response.BodyWriter.FlushAsync(over);

                // 5
                failure = await PumpAsync(context, reader, relay, over);
                reason = failure?.Message ?? "done";
                return failure;
            }
            catch (OperationCanceledException)
            {
                reason = lease.EndReason ?? reason;
                relay.Abort();
                throw;
            }
            finally
            {
                ForwardLog.Closed(logger, sandboxId, lease.CredentialId, reason);
            }
        }
    }

    private async Task<Outcome<RelayConnection>> OpenAsync(ForwardRequest request, string sandboxId, CancellationToken over)
    {
        using var turn = await turns.WaitAsync(sandboxId, options.SessionWait, over);
        return await relays.OpenAsync(sandboxId, request.Target, request.ServiceId, options.SessionWait, over);
    }

    private static async Task<Failure?> PumpAsync(HttpContext context, RelayFrameReader reader, RelayConnection relay, CancellationToken over)
    {
        var transport = new RelayServerTransport(context, reader);
        var caller = transport.Connect();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(over);
        var pumping = RelayPump.RunAsync(caller, relay, stop.Token);
        IDisposable? reset = null;
        try
        {
            if (await Task.WhenAny(pumping, transport.Closed) != pumping)
            {
                // A caller that does not know the end-of-stream frame: the target's end is the end of the answer. What the
                // caller has still on its way is passed on.
                transport.Answered();
                reset = StreamResets.Hear(context, transport.PeerReset);
                await GrpcResponse.EndAsync(context, StatusCode.OK, "");
                stop.CancelAfter(RelayConnection.CloseTimeout);
            }

            var (end, error) = await pumping;
            if (end == PumpEnd.Done)
            {
                return null;
            }

            relay.Abort();
            return new Failure(
                FailureKind.Unavailable, end == PumpEnd.TargetBroke ? $"relay read failed: {error}" : $"the caller's stream broke: {error}");
        }
        catch (OperationCanceledException) when (!over.IsCancellationRequested)
        {
            relay.Abort();
            return null;
        }
        finally
        {
            await stop.CancelAsync();
            await ((Task)pumping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            reset?.Dispose();
        }
    }
}
