namespace OpenShell.GrpcAbstractions.RoundTrip;

/// <summary>Notes which encoding the server's answers have on the wire.</summary>
internal sealed class EncodingRecorder() : DelegatingHandler(new SocketsHttpHandler())
{
    public string? LastResponseEncoding { get; private set; }

    protected override async Task<HttpResponseMessage> SendAsync(
        HttpRequestMessage request,
        CancellationToken cancellationToken)
    {
        var response = await base.SendAsync(request, cancellationToken);
        LastResponseEncoding = response.Headers.TryGetValues("grpc-encoding", out var values) ? values.Single() : null;
        return response;
    }
}
