using Grpc.Core;
using Microsoft.AspNetCore.Http;
using OpenShell.Gateway.Auth;

namespace OpenShell.Gateway.Fakes;

/// <summary>A call without a transport, made by a given principal.</summary>
internal sealed class FakeServerCall : ServerCallContext
{
    // Where the gRPC server looks for the request of a context that is not its own.
    private const string HttpContextKey = "__HttpContext";

    private readonly CancellationToken _cancellationToken;

    public FakeServerCall(Principal principal, CancellationToken cancellationToken = default)
    {
        _cancellationToken = cancellationToken;
        var http = new DefaultHttpContext();
        http.SetPrincipal(principal);
        UserState[HttpContextKey] = http;
    }

    /// <summary>What was sent before the answer; empty: nothing.</summary>
    public Metadata SentHeaders { get; private set; } = [];

    /// <summary>The method's path.</summary>
    public string Name { get; init; } = "/test/Method";

    protected override string MethodCore => Name;

    protected override string HostCore => "test";

    protected override string PeerCore => "test";

    protected override DateTime DeadlineCore => DateTime.MaxValue;

    protected override Metadata RequestHeadersCore => [];

    protected override CancellationToken CancellationTokenCore => _cancellationToken;

    protected override Metadata ResponseTrailersCore { get; } = [];

    protected override Status StatusCore { get; set; }

    protected override WriteOptions? WriteOptionsCore { get; set; }

    protected override Grpc.Core.AuthContext AuthContextCore => throw new NotSupportedException();

    protected override Task WriteResponseHeadersAsyncCore(Metadata responseHeaders)
    {
        SentHeaders = responseHeaders;
        return Task.CompletedTask;
    }

    protected override ContextPropagationToken CreatePropagationTokenCore(ContextPropagationOptions? options) =>
        throw new NotSupportedException();
}
