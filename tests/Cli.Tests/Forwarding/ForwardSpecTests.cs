using OpenShell.Cli.Forwarding;

namespace OpenShell.Cli.Tests.Forwarding;

internal sealed class ForwardSpecTests
{
    [TestCase("8080", "127.0.0.1", 8080, "localhost", 8080)]
    [TestCase("8080:80", "127.0.0.1", 8080, "localhost", 80)]
    [TestCase("0.0.0.0:8080", "0.0.0.0", 8080, "localhost", 8080)]
    [TestCase("[::1]:8080", "::1", 8080, "localhost", 8080)]
    [TestCase("0:80", "127.0.0.1", 0, "localhost", 80)]
    [TestCase("8080:127.0.0.1:80", "127.0.0.1", 8080, "127.0.0.1", 80)]
    [TestCase("8080:[::1]:80", "127.0.0.1", 8080, "::1", 80)]
    [TestCase("0.0.0.0:8080:80", "0.0.0.0", 8080, "localhost", 80)]
    [TestCase("*:8080:80", "0.0.0.0", 8080, "localhost", 80)]
    [TestCase("localhost:8080:80", "127.0.0.1", 8080, "localhost", 80)]
    [TestCase("[::1]:8080:localhost:80", "::1", 8080, "localhost", 80)]
    public void TryParse_Spec_IsTakenApart(string text, string bind, int localPort, string host, int port)
    {
        Assert.That(ForwardSpec.LooksLikeOne(text), Is.True);
        Assert.That(ForwardSpec.TryParse(text, out var spec, out var error), Is.True, error);
        Assert.That((spec!.Bind.ToString(), spec.LocalPort, spec.Host, spec.Port), Is.EqualTo((bind, localPort, host, port)));
    }

    [TestCase("0")]
    [TestCase("65536")]
    [TestCase("80:0")]
    [TestCase("a:b")]
    [TestCase(":")]
    [TestCase("80:example.com:80")]
    [TestCase("nowhere:80:localhost:80")]
    [TestCase("1:2:3:4:5")]
    [TestCase("-1:80")]
    public void TryParse_NoSpec_ErrorNamesIt(string text)
    {
        Assert.That(ForwardSpec.TryParse(text, out _, out var error), Is.False);
        Assert.That(error, Does.StartWith($"'{text}' is no forward"));
    }

    [TestCase("box")]
    [TestCase("box1")]
    [TestCase("1box")]
    public void LooksLikeOne_Name_DoesNot(string name) => Assert.That(ForwardSpec.LooksLikeOne(name), Is.False);
}
