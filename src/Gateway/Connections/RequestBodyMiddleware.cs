using System.Buffers;
using System.Buffers.Binary;
using Grpc.Core;
using OpenShell.Gateway.Auth;
using OpenShell.Gateway.Http;

namespace OpenShell.Gateway.Connections;

/// <summary>
/// Waits for the whole of a request that is one message before its call begins, within bounds of size, time and memory.
/// The bytes stay where they are, in the server's buffers, and are read again by whoever serves the call.
/// </summary>
internal sealed class RequestBodyMiddleware(RequestDelegate next, RequestSizes sizes, RequestMemory memory, TimeProvider time)
{
    /// <summary>The most of a request without a token: the name of a service.</summary>
    public const int MaxAnonymousBytes = 1024;

    // Of a gRPC message: a flag and its length.
    private const int PrefixBytes = 5;

    private static readonly TimeSpan AnonymousTime = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan SandboxTime = TimeSpan.FromSeconds(10);

    // The largest start of a command over a line of some Mbit/s.
    private static readonly TimeSpan UserTime = TimeSpan.FromMinutes(2);

    public Task InvokeAsync(HttpContext context)
    {
        if (!sizes.MaxBytes.TryGetValue(context.Request.Path, out var maxBytes))
        {
            return next(context);
        }

        return context.GetPrincipal() switch
        {
            UserPrincipal => ServeAsync(context, maxBytes, UserTime, isAnonymous: false),
            SandboxPrincipal => ServeAsync(context, maxBytes, SandboxTime, isAnonymous: false),
            _ => ServeAsync(context, MaxAnonymousBytes, AnonymousTime, isAnonymous: true),
        };
    }

    private async Task ServeAsync(HttpContext context, int maxBytes, TimeSpan timeout, bool isAnonymous)
    {
        using var tooLate = new CancellationTokenSource(timeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(tooLate.Token, context.RequestAborted);
        Status? refusal;
        try
        {
            refusal = await ReadAsync(context, maxBytes, isAnonymous, either.Token);
        }
        catch (OperationCanceledException) when (!context.RequestAborted.IsCancellationRequested)
        {
            ConnectionMetrics.Refused(CallLimit.RequestTime);
            refusal = new Status(StatusCode.DeadlineExceeded, $"the request did not come in whole within {timeout.TotalSeconds:0} s");
        }
        catch (Exception e) when (e is OperationCanceledException or IOException)
        {
            // Nobody is there to be answered.
            return;
        }

        if (refusal is { } status)
        {
            await GrpcResponse.EndAsync(context, status.StatusCode, status.Detail);
            return;
        }

        await next(context);
    }

    private async Task<Status?> ReadAsync(HttpContext context, int maxBytes, bool isAnonymous, CancellationToken cancellationToken)
    {
        var input = context.Request.BodyReader;
        var taken = 0L;
        try
        {
            while (true)
            {
                var result = await input.ReadAsync(cancellationToken);
                var length = result.Buffer.Length;
                var isTooLarge = length > maxBytes + PrefixBytes || MessageLength(result.Buffer) > maxBytes;
                if (result.IsCompleted || isTooLarge)
                {
                    // Not examined, so that the next read finds it again.
                    input.AdvanceTo(result.Buffer.Start);
                    return isTooLarge && isAnonymous ? TooLarge(maxBytes) : null;
                }

                input.AdvanceTo(result.Buffer.Start, result.Buffer.End);
                if (!memory.TryTake(length - taken))
                {
                    return Full();
                }

                taken = length;
            }
        }
        finally
        {
            memory.Return(taken);
        }
    }

    private static long MessageLength(in ReadOnlySequence<byte> body)
    {
        if (body.Length < PrefixBytes)
        {
            return 0;
        }

        Span<byte> prefix = stackalloc byte[PrefixBytes];
        body.Slice(0, prefix.Length).CopyTo(prefix);
        return BinaryPrimitives.ReadUInt32BigEndian(prefix[1..]);
    }

    private static Status TooLarge(int maxBytes)
    {
        ConnectionMetrics.Refused(CallLimit.RequestSize);
        return new Status(StatusCode.ResourceExhausted, $"the request has more than {maxBytes} bytes, the most without a token");
    }

    private static Status Full()
    {
        ConnectionMetrics.Refused(CallLimit.RequestMemory);
        return new Status(
            StatusCode.ResourceExhausted,
            $"the gateway holds {RequestMemory.MaxBytes >> 20} MiB of requests that have not come in whole, which is the limit; try again");
    }
}
