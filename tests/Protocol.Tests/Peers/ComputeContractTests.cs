using OpenShell.Protocol.Extension.V1;

namespace OpenShell.Protocol.Peers;

internal sealed class ComputeContractTests
{
    private static readonly PeerMetadata Gateway = ComputeContract.Describe("openshell-gateway", "9.9");

    private static PeerMetadata Driver => new()
    {
        ProtocolVersion = new ProtocolVersion { Major = 1, Minor = 0 },
        ImplementationName = "theirs",
        ImplementationVersion = "0.1.4",
        SupportedCapabilities = { ComputeContract.Contract },
    };

    [Test]
    public void Check_SameMajorAndCapabilities_Accepted([Values(0u, 7u)] uint minor)
    {
        var driver = Driver;
        driver.ProtocolVersion.Minor = minor;
        driver.SupportedCapabilities.Add("openshell.compute.something-new");

        Assert.That(Check(driver), Is.Null);
    }

    [Test]
    public void Check_NoMetadata_IsToldToUpgrade() => Assert.That(Check(null), Is.EqualTo(
        "the compute driver does not say which version of the compute contract it speaks, as those of OpenShell 0.0.x do not; "
        + "openshell-gateway 9.9 needs 1.x: upgrade it to OpenShell 0.1"));

    [Test]
    public void Check_NoVersion_IsToldToUpgrade()
    {
        var driver = Driver;
        driver.ProtocolVersion = null;

        Assert.That(Check(driver), Does.StartWith("the compute driver ('theirs' 0.1.4) does not say which version").And.EndsWith("upgrade it to OpenShell 0.1"));
    }

    [TestCase(2u, "the compute driver ('theirs' 0.1.4) speaks the compute contract 2.0, openshell-gateway 9.9 speaks 1.0: upgrade the latter")]
    [TestCase(0u, "the compute driver ('theirs' 0.1.4) speaks the compute contract 0.0, openshell-gateway 9.9 speaks 1.0: upgrade the former")]
    public void Check_OtherMajor_NamesBothVersions(uint major, string text)
    {
        var driver = Driver;
        driver.ProtocolVersion.Major = major;

        Assert.That(Check(driver), Is.EqualTo(text));
    }

    [Test]
    public void Check_RequiredCapabilityMissing_IsNamedOnEitherSide()
    {
        var lacking = Driver;
        lacking.SupportedCapabilities.Clear();
        var demanding = Driver;
        demanding.RequiredCapabilities.Add(["openshell.b.c", "openshell.a.c"]);

        Assert.That(Check(lacking), Is.EqualTo("the compute driver ('theirs' 0.1.4) lacks 'openshell.compute.contract', which openshell-gateway 9.9 requires: upgrade the former"));
        Assert.That(Check(demanding), Is.EqualTo("the compute driver ('theirs' 0.1.4) requires 'openshell.a.c', 'openshell.b.c', which openshell-gateway 9.9 lacks: upgrade the latter"));
    }

    [TestCase("compute.contract.x")]
    [TestCase("openshell.two")]
    [TestCase("openshell..x")]
    [TestCase("openshell.compute.Contract")]
    [TestCase("openshell.compute.contract\n")]
    [TestCase("")]
    public void Check_CapabilityOfAnotherForm_Refused(string name)
    {
        var driver = Driver;
        driver.SupportedCapabilities.Add(name);

        Assert.That(Check(driver), Does.Contain("has bad metadata: supported_capabilities has '"));
    }

    [Test]
    public void Check_EmptyDoubledOrOversized_Refused()
    {
        var empty = Driver;
        empty.ImplementationName = "";
        var doubled = Driver;
        doubled.SupportedCapabilities.Add(ComputeContract.Contract);
        var many = Driver;
        many.RequiredCapabilities.Add(Enumerable.Range(0, 65).Select(i => $"openshell.x.y{i}"));

        Assert.That(Check(empty), Is.EqualTo("the compute driver has bad metadata: implementation_name must have 1 to 128 characters"));
        Assert.That(Check(doubled), Does.EndWith("supported_capabilities has 'openshell.compute.contract' twice"));
        Assert.That(Check(many), Does.EndWith("required_capabilities has 65 entries, 64 are possible"));
    }

    private static string? Check(PeerMetadata? driver) => ComputeContract.Check(driver, "the compute driver", Gateway);
}
