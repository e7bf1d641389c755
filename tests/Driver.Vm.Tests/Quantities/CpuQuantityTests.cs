using OpenShell.Driver.Vm.Quantities;

namespace OpenShell.Driver.Vm.Tests.Quantities;

[TestFixture]
internal sealed class CpuQuantityTests
{
    [TestCase("2", 2)]
    [TestCase("500m", 1)]
    [TestCase("1001m", 2)]
    [TestCase("1.5", 2)]
    [TestCase("0.1", 1)]
    public void VirtualCpus_Quantity_IsRoundedUp(string text, int cpus)
    {
        Assert.That(CpuQuantity.TryParse(text, out var value), Is.True);
        Assert.That(value.VirtualCpus, Is.EqualTo(cpus));
    }

    [TestCase("")]
    [TestCase(null)]
    [TestCase("0")]
    [TestCase("-1")]
    [TestCase("m")]
    [TestCase("two")]
    [TestCase("99999999999")]
    public void TryParse_Anything_ElseIsRefused(string? text)
    {
        Assert.That(CpuQuantity.TryParse(text, out _), Is.False);
    }
}
