using OpenShell.Protocol.Outcomes;

namespace OpenShell.Gateway.SshAccess;

public sealed class SshPublicKeyTests
{
    // Made with ssh-keygen -t ed25519 for this test; its private half was thrown away.
    private const string Base64 = "AAAAC3NzaC1lZDI1NTE5AAAAIKHEChLTHh2rRw9cGFv0ZNPMrLDeO0tXLvE1ms0jVVRh";

    [TestCase($"ssh-ed25519 {Base64} me@here two words\n", "me@here two words")]
    [TestCase($"  ssh-ed25519\t{Base64}", "")]
    public void Parse_Line_IsTypeKeyAndComment(string line, string comment)
    {
        Assert.That(SshPublicKey.Parse(line).Succeeded(out var key, out _), Is.True);
        Assert.That((key!.Key, key.Comment), Is.EqualTo(($"ssh-ed25519 {Base64}", comment)));
        Assert.That(key.Fingerprint, Does.Match("^SHA256:[A-Za-z0-9+/]{43}$"));
    }

    [TestCase("", "one line of type")]
    [TestCase("ssh-ed25519", "one line of type")]
    [TestCase($"ssh-ed25519 {Base64}\nssh-ed25519 {Base64}", "one line of type")]
    [TestCase($"command=\"id\" ssh-ed25519 {Base64}", "its type is not one of")]
    [TestCase($"ssh-dss {Base64}", "its type is not one of")]
    [TestCase($"ssh-rsa {Base64}", "not a key of that type")]
    [TestCase("ssh-ed25519 AAAA", "not a key of that type")]
    [TestCase("ssh-ed25519 !!!!", "not a key of that type")]
    public void Parse_AnythingElse_SaysWhatIsWrong(string line, string why)
    {
        Assert.That(SshPublicKey.Parse(line).Succeeded(out _, out var failure), Is.False);
        Assert.That(failure!.Kind, Is.EqualTo(FailureKind.InvalidArgument));
        Assert.That(failure.Message, Does.StartWith("public_key cannot be used: ").And.Contain(why));
    }
}
