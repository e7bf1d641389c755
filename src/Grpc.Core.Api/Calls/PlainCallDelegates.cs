namespace Grpc.Core;

/// <summary>The delegates of a call object that was made without a state object.</summary>
internal sealed record PlainCallDelegates(
    Task<Metadata> ResponseHeadersAsync,
    Func<Status> GetStatus,
    Func<Metadata> GetTrailers,
    Action Dispose);
