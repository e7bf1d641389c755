using System.Text;
using OpenShell.Gateway.Configuration;
using OpenShell.TestKit;

namespace OpenShell.Gateway.Auth;

[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public sealed class SandboxTokensTests : IDisposable
{
    private readonly TestDirectory _directory = new();
    private readonly ManualTimeProvider _time = new();
    private readonly SandboxTokens _tokens;

    public SandboxTokensTests() => _tokens = new SandboxTokens(_directory.Path, _time, GatewayOptions.DefaultSandboxTokenLifetime);

    public void Dispose()
    {
        _tokens.Dispose();
        _directory.Dispose();
    }

    [Test]
    public async Task ValidateAsync_OwnToken_IsItsSandboxAndEpoch() =>
        Assert.That(await _tokens.ValidateAsync(_tokens.Issue("a", 7).Value, expiredIsFine: false), Is.EqualTo(Principal("a", 7)));

    [Test]
    public async Task Issue_TokenOfABoot_SaysWhichPolicyItWasMadeFor()
    {
        var token = _tokens.Issue("a", 7, "digest").Value;

        Assert.That(await _tokens.ValidateAsync(token, expiredIsFine: false), Is.EqualTo(Principal("a", 7)));
        var payload = Encoding.UTF8.GetString(System.Buffers.Text.Base64Url.DecodeFromChars(token.Split('.')[1]));
        Assert.That(payload, Does.Contain("\"policy_digest\":\"digest\"").And.Contain("\"iat\":").And.Contain("\"exp\":"));
    }

    [Test]
    public void Issue_Token_NeverBeginsWithADash() => Assert.That(_tokens.Issue("a", 1).Value, Does.StartWith("ey"));

    [Test]
    public async Task ValidateAsync_OtherGatewaysToken_IsNull()
    {
        using var elsewhere = new TestDirectory();
        using var other = new SandboxTokens(elsewhere.Path, _time, GatewayOptions.DefaultSandboxTokenLifetime);

        Assert.That(await _tokens.ValidateAsync(other.Issue("a", 1).Value, expiredIsFine: true), Is.Null);
    }

    [Test]
    public async Task ValidateAsync_Expired_IsNullUnlessAllowed()
    {
        var token = _tokens.Issue("a", 1).Value;
        _time.Advance(GatewayOptions.DefaultSandboxTokenLifetime - TimeSpan.FromSeconds(1));
        Assert.That(await _tokens.ValidateAsync(token, expiredIsFine: false), Is.Not.Null);

        _time.Advance(TimeSpan.FromSeconds(1));

        Assert.That(await _tokens.ValidateAsync(token, expiredIsFine: false), Is.Null);
        Assert.That(await _tokens.ValidateAsync(token, expiredIsFine: true), Is.EqualTo(Principal("a", 1)));
    }

    [Test]
    public async Task ValidateAsync_ProvenOnItsConnection_StillExpiresAndProvesNoOther()
    {
        var connection = new ValidatedTokenCache();
        var token = _tokens.Issue("a", 1).Value;
        Assert.That(await _tokens.ValidateAsync(token, expiredIsFine: false, connection), Is.EqualTo(Principal("a", 1)));
        Assert.That(connection.Find(token), Is.EqualTo(Principal("a", 1)));

        Assert.That(await _tokens.ValidateAsync(token + "x", expiredIsFine: false, connection), Is.Null);
        Assert.That(connection.Find(token), Is.Not.Null, "a bad one does not displace it");

        _time.Advance(GatewayOptions.DefaultSandboxTokenLifetime);
        Assert.That(await _tokens.ValidateAsync(token, expiredIsFine: false, connection), Is.Null);
    }

    [Test]
    public async Task ValidateAsync_NewTokenOnAConnection_TakesThePlaceOfTheOld()
    {
        var connection = new ValidatedTokenCache();
        var (old, renewed) = (_tokens.Issue("a", 1).Value, _tokens.Issue("a", 2).Value);
        await _tokens.ValidateAsync(old, expiredIsFine: false, connection);

        Assert.That(await _tokens.ValidateAsync(renewed, expiredIsFine: false, connection), Is.EqualTo(Principal("a", 2)));
        Assert.That(connection.Find(old), Is.Null);
    }

    [Test]
    public async Task ValidateAsync_Tampered_IsNull()
    {
        var parts = _tokens.Issue("a", 1).Value.Split('.');
        var payload = Encoding.UTF8.GetString(Decode(parts[1]));
        var forged = Encode(payload.Replace("\"a\"", "\"b\"", StringComparison.Ordinal));
        var unsigned = Encode("""{"alg":"none","typ":"JWT"}""");
        var symmetric = Encode("""{"alg":"HS256","typ":"JWT"}""");
        Assert.That(forged, Is.Not.EqualTo(parts[1]));

        string[] tokens =
        [
            $"{parts[0]}.{forged}.{parts[2]}",
            $"{unsigned}.{parts[1]}.",
            $"{unsigned}.{parts[1]}.{parts[2]}",
            $"{symmetric}.{parts[1]}.{parts[2]}",
            $"{parts[0]}.{parts[1]}.",
            $"{parts[0]}.{parts[1]}.{parts[2][..^4]}AAAA",
        ];
        foreach (var token in tokens)
        {
            Assert.That(await _tokens.ValidateAsync(token, expiredIsFine: true), Is.Null, token);
        }
    }

    [TestCase("")]
    [TestCase("x")]
    [TestCase("a.b.c")]
    [TestCase("os_0123")]
    public async Task ValidateAsync_NoToken_IsNull(string token) =>
        Assert.That(await _tokens.ValidateAsync(token, expiredIsFine: true), Is.Null);

    [Test]
    public async Task ValidateAsync_AfterARestart_StillKnowsItsTokens()
    {
        using var state = new TestDirectory();
        string token;
        using (var before = new SandboxTokens(state.Path, _time, GatewayOptions.DefaultSandboxTokenLifetime))
        {
            token = before.Issue("a", 3).Value;
            // A gateway that has both signed and checked before it ends.
            Assert.That(await before.ValidateAsync(token, expiredIsFine: false), Is.Not.Null);
        }

        using var after = new SandboxTokens(state.Path, _time, GatewayOptions.DefaultSandboxTokenLifetime);

        Assert.That(await after.ValidateAsync(token, expiredIsFine: false), Is.EqualTo(Principal("a", 3)));
        Assert.That(await after.ValidateAsync(after.Issue("a", 4).Value, expiredIsFine: false), Is.EqualTo(Principal("a", 4)));
    }

    [Test]
    public async Task IssueAndValidateAsync_ManyAtOnce_AllWork()
    {
        var principals = await Task.WhenAll(Enumerable.Range(0, 64).Select(i => Task.Run(
            () => _tokens.ValidateAsync(_tokens.Issue($"s{i}", i).Value, expiredIsFine: false))));

        Assert.That(principals, Is.EqualTo(Enumerable.Range(0, 64).Select(i => Principal($"s{i}", i))));
    }

    [Test]
    public void KeyFile_Always_IsForTheOwnerOnly() => Assert.That(
        File.GetUnixFileMode(_directory.File("sandbox-token.key")), Is.EqualTo(UnixFileMode.UserRead | UnixFileMode.UserWrite));

    [TestCase("not base64!")]
    [TestCase("AAAA")]
    public void Constructor_KeyFileHoldsNoKey_SaysWhatToDo(string content)
    {
        using var state = new TestDirectory();
        var path = state.File("sandbox-token.key");
        File.WriteAllText(path, content);
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);

        var error = Assert.Throws<IOException>(() => new SandboxTokens(state.Path, _time, GatewayOptions.DefaultSandboxTokenLifetime).Dispose());
        Assert.That(error!.Message, Does.StartWith($"{path} holds no key; {SecretFile.Remedy}"));
    }

    private static byte[] Decode(string part) => System.Buffers.Text.Base64Url.DecodeFromChars(part);

    private static string Encode(string text) => System.Buffers.Text.Base64Url.EncodeToString(Encoding.UTF8.GetBytes(text));

    // Issued when the manual clock begins.
    private static SandboxPrincipal Principal(string sandboxId, int bootEpoch) =>
        new(sandboxId, bootEpoch, new ManualTimeProvider().GetUtcNow() + GatewayOptions.DefaultSandboxTokenLifetime);
}
