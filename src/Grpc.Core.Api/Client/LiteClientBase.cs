namespace Grpc.Core;

/// <summary>Base of generated clients that need no more than an invoker.</summary>
public abstract class LiteClientBase
{
    private readonly CallInvoker? _callInvoker;

    /// <summary>A client for tests, which override what they call.</summary>
    protected LiteClientBase()
    {
    }

    /// <summary>A client on a channel.</summary>
    /// <exception cref="ArgumentNullException"><paramref name="channel"/> is null.</exception>
    protected LiteClientBase(ChannelBase channel)
    {
        ArgumentNullException.ThrowIfNull(channel);
        _callInvoker = channel.CreateCallInvoker();
    }

    /// <summary>A client on an invoker.</summary>
    /// <exception cref="ArgumentNullException"><paramref name="callInvoker"/> is null.</exception>
    protected LiteClientBase(CallInvoker callInvoker)
    {
        ArgumentNullException.ThrowIfNull(callInvoker);
        _callInvoker = callInvoker;
    }

    /// <summary>What the client starts its calls with.</summary>
    /// <exception cref="InvalidOperationException">The client was made without one, for a test.</exception>
    protected CallInvoker CallInvoker => _callInvoker
        ?? throw new InvalidOperationException("This client was made without a channel or a call invoker.");
}
