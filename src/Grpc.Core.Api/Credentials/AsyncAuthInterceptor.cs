namespace Grpc.Core;

/// <summary>Adds what authenticates a call to its request metadata, such as a bearer token. The call waits for the task and fails with it.</summary>
/// <param name="context">The call.</param>
/// <param name="metadata">The metadata to add to.</param>
public delegate Task AsyncAuthInterceptor(AuthInterceptorContext context, Metadata metadata);
