using OpenShell.Driver.Vm.Quantities;

namespace OpenShell.Driver.Vm.Tests.Quantities;

[TestFixture]
internal sealed class ByteCountTests
{
    [TestCase("1", 1)]
    [TestCase("512Mi", 512L << 20)]
    [TestCase("512MiB", 512L << 20)]
    [TestCase("1.5Gi", 3L << 29)]
    [TestCase("4G", 4_000_000_000)]
    [TestCase("4GB", 4_000_000_000)]
    [TestCase("2k", 2_000)]
    [TestCase("1Ti", 1L << 40)]
    [TestCase("0.5", 1)]
    public void TryParse_Quantity_IsRead(string text, long bytes)
    {
        Assert.That(ByteCount.TryParse(text, out var value), Is.True);
        Assert.That(value.Bytes, Is.EqualTo(bytes));
    }

    [TestCase("")]
    [TestCase(null)]
    [TestCase("0")]
    [TestCase("-1Gi")]
    [TestCase("Gi")]
    [TestCase("B")]
    [TestCase("1 Gi")]
    [TestCase("1Xi")]
    [TestCase("1,5Gi")]
    [TestCase("1e3")]
    [TestCase("99999999999Ti")]
    [TestCase("99999999999999999999999999999999")]
    public void TryParse_Anything_ElseIsRefused(string? text)
    {
        Assert.That(ByteCount.TryParse(text, out _), Is.False);
    }

    [TestCase(1L << 30, "1 GiB")]
    [TestCase(1536L << 20, "1536 MiB")]
    [TestCase(1000, "1000 B")]
    public void ToString_Always_KeepsTheNumberWhole(long bytes, string text)
    {
        Assert.That(new ByteCount(bytes).ToString(), Is.EqualTo(text));
    }
}
