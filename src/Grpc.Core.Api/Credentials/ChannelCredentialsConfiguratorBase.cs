namespace Grpc.Core;

/// <summary>How a transport learns what channel credentials consist of. For transports only.</summary>
public abstract class ChannelCredentialsConfiguratorBase
{
    /// <summary>There is no transport security.</summary>
    public abstract void SetInsecureCredentials(object state);

    /// <summary>The channel uses TLS with these roots (PEM), client certificate and check; null is the default of each.</summary>
    public abstract void SetSslCredentials(
        object state,
        string? rootCertificates,
        KeyCertificatePair? keyCertificatePair,
        VerifyPeerCallback? verifyPeerCallback);

    /// <summary>The channel is secured by the one and every call carries the other.</summary>
    public abstract void SetCompositeCredentials(
        object state,
        ChannelCredentials channelCredentials,
        CallCredentials callCredentials);
}
