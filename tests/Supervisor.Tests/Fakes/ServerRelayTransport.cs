using Microsoft.AspNetCore.Http;
using OpenShell.Protocol.Relay;

namespace OpenShell.Supervisor.Tests.Fakes;

/// <summary>The server's end of a relay, without any of a real gateway's care.</summary>
internal sealed class ServerRelayTransport(HttpContext context, TaskCompletionSource ended) : IRelayTransport
{
    public bool PeerEndsStream => false;

    public ValueTask CompleteWritesAsync()
    {
        ended.TrySetResult();
        return ValueTask.CompletedTask;
    }

    public void ThrowIfFailed()
    {
        // A client's request has no status.
    }

    public void Abort()
    {
        if (!ended.Task.IsCompleted)
        {
            context.Abort();
        }
    }

    public ValueTask CloseAsync(bool clean)
    {
        if (!clean)
        {
            Abort();
        }

        return CompleteWritesAsync();
    }
}
