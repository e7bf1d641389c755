namespace Grpc.Core;

/// <summary>A channel to a server, over which clients make calls. Meant to be shared and to live long.</summary>
public abstract class ChannelBase
{
    /// <summary>A channel to a target.</summary>
    /// <exception cref="ArgumentNullException"><paramref name="target"/> is null.</exception>
    protected ChannelBase(string target)
    {
        ArgumentNullException.ThrowIfNull(target);
        Target = target;
    }

    /// <summary>What the channel connects to, as it was given.</summary>
    public string Target { get; }

    /// <summary>An invoker that starts calls on this channel.</summary>
    public abstract CallInvoker CreateCallInvoker();

    /// <summary>Ends the channel; no calls may be made afterwards.</summary>
    public Task ShutdownAsync() => ShutdownAsyncCore();

    /// <summary>Ends the channel. Does nothing unless overridden.</summary>
    protected virtual Task ShutdownAsyncCore() => Task.CompletedTask;
}
