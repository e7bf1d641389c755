using OpenShell.TestKit;

namespace OpenShell.Gateway.Watch;

public sealed class WatchCursorTests
{
    private const string Space = "0123456789abcdef01234567";

    [TestCase("")]
    [TestCase("x")]
    [TestCase("12345")]
    [TestCase("0123456789abcdef01234567-000000000000001")]
    [TestCase("0123456789abcdef01234567-00000000000000001")]
    [TestCase("0123456789abcdef01234567_0000000000000001")]
    [TestCase("0123456789ABCDEF01234567-0000000000000001")]
    [TestCase("0123456789abcdef01234567-000000000000000A")]
    [TestCase("0123456789abcdef01234567-0000000000000000")]
    [TestCase("0123456789abcdef01234567-ffffffffffffffff")]
    [TestCase("0123456789abcdef01234567-               1")]
    public void TryParse_NoCursor_IsFalse(string text) => Assert.That(WatchCursor.TryParse(text, out _), Is.False);

    [TestCase(1)]
    [TestCase(long.MaxValue)]
    public void TryParse_ItsOwnText_GivesItBack(long sequence)
    {
        var cursor = new WatchCursor(Space, sequence);

        Assert.That(WatchCursor.TryParse(cursor.ToString(), out var parsed), Is.True);
        Assert.That(parsed, Is.EqualTo(cursor));
    }

    [Test]
    public void ToString_OfOneHistory_ComparesBytewiseAsItsPlaces()
    {
        long[] places = [1, 9, 10, 15, 16, 255, 256, 4096, int.MaxValue, long.MaxValue];

        Assert.That(places.Select(p => new WatchCursor(Space, p).ToString()), Is.Ordered.Using<string>(StringComparer.Ordinal));
    }

    [Test]
    public void NewSpace_Later_ComparesGreaterAndNoTwoAreTheSame()
    {
        var time = new ManualTimeProvider();
        var first = WatchCursor.NewSpace(time);
        var second = WatchCursor.NewSpace(time);
        time.Advance(TimeSpan.FromMilliseconds(1));

        Assert.That(first, Has.Length.EqualTo(24).And.Not.EqualTo(second));
        Assert.That(string.CompareOrdinal(WatchCursor.NewSpace(time), first), Is.Positive);
    }
}
