namespace OpenShell.GrpcAbstractions.RoundTrip;

public sealed class EchoService(ServerCalls calls) : EchoServiceBase
{
    /// <summary>Answers with the request, its metadata under <c>echo-</c> in headers and trailers.</summary>
    public override async Task<byte[]> Echo(byte[] request, ServerCallContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        calls.LastDeadline = context.Deadline;
        calls.LastEncoding = context.GetHttpContext().Request.Headers["grpc-encoding"].ToString();
        var headers = new Metadata();
        foreach (var entry in context.RequestHeaders.Where(entry => entry.Key.StartsWith("x-", StringComparison.Ordinal)))
        {
            var echoed = entry.IsBinary
                ? new Metadata.Entry("echo-" + entry.Key, entry.ValueBytes)
                : new Metadata.Entry("echo-" + entry.Key, entry.Value);
            headers.Add(echoed);
            context.ResponseTrailers.Add(echoed);
        }

        await context.WriteResponseHeadersAsync(headers);
        return request;
    }

    public override Task<byte[]> Fail(byte[] request, ServerCallContext context)
    {
        ArgumentNullException.ThrowIfNull(request);
        throw new RpcException(
            new Status((StatusCode)request[0], "refused: ü"),
            new Metadata { { "reason", "test" }, { "reason-bin", [0, 255] } });
    }

    public override async Task<byte[]> Hang(byte[] request, ServerCallContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        calls.HangStarted.TrySetResult();
        try
        {
            await Task.Delay(Timeout.Infinite, context.CancellationToken);
        }
        finally
        {
            calls.HangCancelled.TrySetResult();
        }

        return request;
    }

    /// <summary>Answers with as many one-byte messages as the first byte of the request says.</summary>
    public override async Task Repeat(
        byte[] request,
        IServerStreamWriter<byte[]> responseStream,
        ServerCallContext context)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(responseStream);
        ArgumentNullException.ThrowIfNull(context);
        responseStream.WriteOptions = new WriteOptions(WriteFlags.NoCompress);
        for (byte i = 0; i < request[0]; i++)
        {
            await responseStream.WriteAsync([i], context.CancellationToken);
        }
    }

    public override async Task<byte[]> Join(IAsyncStreamReader<byte[]> requestStream, ServerCallContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        var joined = new List<byte>();
        await foreach (var message in requestStream.ReadAllAsync(context.CancellationToken))
        {
            joined.AddRange(message);
        }

        return [.. joined];
    }

    public override async Task Chat(
        IAsyncStreamReader<byte[]> requestStream,
        IServerStreamWriter<byte[]> responseStream,
        ServerCallContext context)
    {
        ArgumentNullException.ThrowIfNull(requestStream);
        ArgumentNullException.ThrowIfNull(responseStream);
        ArgumentNullException.ThrowIfNull(context);
        while (await requestStream.MoveNext())
        {
            await responseStream.WriteAsync(requestStream.Current);
        }

        context.Status = new Status(StatusCode.OutOfRange, "that was all");
    }
}
