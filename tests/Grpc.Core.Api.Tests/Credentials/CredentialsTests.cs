namespace OpenShell.GrpcAbstractions.Credentials;

public class CredentialsTests
{
    private static readonly CallCredentials Some = CallCredentials.FromInterceptor((_, _) => Task.CompletedTask);

    [Test]
    public void Compose_FewerThanTwo_Throws() => Assert.Throws<ArgumentException>(() => CallCredentials.Compose(Some));

    [Test]
    public void FromInterceptor_Null_Throws() =>
        Assert.Throws<ArgumentNullException>(() => CallCredentials.FromInterceptor(null!));

    [Test]
    public void Create_OnComposedCredentials_Throws()
    {
        var composed = ChannelCredentials.Create(ChannelCredentials.SecureSsl, Some);

        Assert.Throws<ArgumentException>(() => ChannelCredentials.Create(composed, Some));
    }

    [Test]
    public void SslCredentials_WithCertificates_ReachTheTransport()
    {
        var pair = new KeyCertificatePair("chain", "key");

        // Grpc.Net.Client supports no certificates in credentials, and says so: which shows that it was told of them.
        Assert.Throws<InvalidOperationException>(() => Grpc.Net.Client.GrpcChannel.ForAddress(
            "https://localhost",
            new Grpc.Net.Client.GrpcChannelOptions { Credentials = new SslCredentials("roots", pair) }));
    }
}
