using OpenShell.Linux.Machine;

namespace OpenShell.Linux.Tests.Machine;

[TestFixture]
internal sealed class TimestampCounterTests
{
    [Test]
    public async Task MeasureKilohertzAsync_Twice_AgreesWithItself()
    {
        var first = await TimestampCounter.MeasureKilohertzAsync(TimeProvider.System, CancellationToken.None);
        var second = await TimestampCounter.MeasureKilohertzAsync(TimeProvider.System, CancellationToken.None);

        // No processor of the last decades counts slower; the two may differ by what an interruption can spoil.
        Assert.That(first, Is.GreaterThan(100_000));
        Assert.That(second, Is.EqualTo(first).Within(1).Percent);
    }
}
