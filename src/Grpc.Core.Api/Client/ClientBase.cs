namespace Grpc.Core;

/// <summary>Base of generated clients.</summary>
public abstract partial class ClientBase
{
    private readonly ClientBaseConfiguration? _configuration;
    private readonly CallInvoker? _callInvoker;

    /// <summary>A client for tests, which override what they call.</summary>
    protected ClientBase()
    {
    }

    /// <summary>A client with the configuration of another.</summary>
    /// <exception cref="ArgumentNullException"><paramref name="configuration"/> is null.</exception>
    protected ClientBase(ClientBaseConfiguration configuration)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        _configuration = configuration;
        _callInvoker = configuration.CreateCallInvoker();
    }

    /// <summary>A client on a channel.</summary>
    /// <exception cref="ArgumentNullException"><paramref name="channel"/> is null.</exception>
    protected ClientBase(ChannelBase channel)
        : this((channel ?? throw new ArgumentNullException(nameof(channel))).CreateCallInvoker())
    {
    }

    /// <summary>A client on an invoker.</summary>
    /// <exception cref="ArgumentNullException"><paramref name="callInvoker"/> is null.</exception>
    protected ClientBase(CallInvoker callInvoker)
        : this(new ClientBaseConfiguration(
            callInvoker ?? throw new ArgumentNullException(nameof(callInvoker)),
            host: null))
    {
    }

    /// <summary>What the client starts its calls with.</summary>
    /// <exception cref="InvalidOperationException">The client was made without one, for a test.</exception>
    protected CallInvoker CallInvoker => _callInvoker ?? throw NotConfigured();

    internal ClientBaseConfiguration Configuration => _configuration ?? throw NotConfigured();

    private static InvalidOperationException NotConfigured() =>
        new("This client was made without a channel or a call invoker.");
}
