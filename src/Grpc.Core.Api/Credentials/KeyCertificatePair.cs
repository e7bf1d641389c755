namespace Grpc.Core;

/// <summary>A certificate chain and its private key, both in PEM.</summary>
public sealed class KeyCertificatePair
{
    /// <summary>A pair.</summary>
    /// <exception cref="ArgumentNullException">A part is null.</exception>
    public KeyCertificatePair(string certificateChain, string privateKey)
    {
        ArgumentNullException.ThrowIfNull(certificateChain);
        ArgumentNullException.ThrowIfNull(privateKey);
        CertificateChain = certificateChain;
        PrivateKey = privateKey;
    }

    /// <summary>The chain in PEM, leaf first.</summary>
    public string CertificateChain { get; }

    /// <summary>The key in PEM. Never to be logged.</summary>
    public string PrivateKey { get; }
}
