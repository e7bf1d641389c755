using System.Buffers.Text;
using System.Text;
using OpenShell.Supervisor.Gateway;

namespace OpenShell.Supervisor.Tests.Gateway;

public sealed class TokenClaimsTests
{
    [Test]
    public void Read_TokenOfTheGateway_SaysWhatItWasMadeFor()
    {
        var claims = TokenClaims.Read(Token("""{"a":{"policy_digest":"nested"},"policy_digest":"abc","iat":1000,"exp":1600,"list":[1,{"exp":5}]}"""));

        Assert.That(claims, Is.EqualTo(new TokenClaims("abc", TimeSpan.FromSeconds(600))));
    }

    [TestCase("""{}""")]
    [TestCase("""{"iat":1000}""")]
    [TestCase("""{"exp":1000}""")]
    [TestCase("""{"iat":1000,"exp":1000}""")]
    [TestCase("""{"policy_digest":7}""")]
    [TestCase("""{"iat":"x","exp":2}""")]
    [TestCase("""{"iat":1e99,"exp":2}""")]
    [TestCase("""{"policy_digest":""")]
    [TestCase("""[]""")]
    [TestCase("")]
    public void Read_PayloadOfAnotherKind_SaysNothing(string payload) =>
        Assert.That(TokenClaims.Read(Token(payload)), Is.EqualTo(new TokenClaims("", null)));

    [TestCase("")]
    [TestCase("opaque")]
    [TestCase("a.b")]
    [TestCase("a.!.c")]
    [TestCase("a.b.c.d")]
    public void Read_NoToken_SaysNothing(string token) => Assert.That(TokenClaims.Read(token), Is.EqualTo(new TokenClaims("", null)));

    [Test]
    public void ConnectionEpochs_Next_Rises()
    {
        var epochs = new ConnectionEpochs(new StoppedTime());
        Assert.That(new[] { epochs.Next(), epochs.Next(), epochs.Next() }, Is.EqualTo(new ulong[] { 500, 501, 502 }));
    }

    public static string Token(string payload) => $"head.{Base64Url.EncodeToString(Encoding.UTF8.GetBytes(payload))}.signature";

    private sealed class StoppedTime : TimeProvider
    {
        public override long GetTimestamp() => 500;
    }
}
