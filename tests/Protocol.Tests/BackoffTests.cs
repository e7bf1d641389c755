namespace OpenShell.Protocol;

public class BackoffTests
{
    private static readonly TimeSpan First = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(5);

    [Test]
    public void Next_AlwaysTheUpperEnd_DoublesUpToTheLongest()
    {
        var backoff = new Backoff(First, Longest, new FixedRandom(1));
        double[] expected = [50, 100, 200, 400, 800, 1600, 3200, 5000, 5000, 5000];

        Assert.That(expected.Select(_ => backoff.Next().TotalMilliseconds), Is.EqualTo(expected).Within(0.001));
    }

    [Test]
    public void Next_SeededRandom_IsThatPartOfTheBoundAboveTheTickOfATimer()
    {
        var backoff = new Backoff(First, Longest, new Random(7));
        var random = new Random(7);
        double[] bounds = [50, 100, 200, 400, 800, 1600, 3200, 5000, 5000];

        foreach (var bound in bounds)
        {
            Assert.That(backoff.Next().TotalMilliseconds, Is.EqualTo(1 + ((bound - 1) * random.NextDouble())).Within(0.001));
        }
    }

    [Test]
    public void Next_ManyTimes_NeverLeavesTheBounds()
    {
        var backoff = new Backoff(First, Longest, new Random(11));

        var delays = Enumerable.Range(0, 10_000).Select(_ => backoff.Next()).ToList();

        Assert.That(delays, Is.All.InRange(TimeSpan.FromMilliseconds(1), Longest));
        Assert.That(delays.Skip(10).Average(d => d.TotalSeconds), Is.EqualTo(2.5).Within(0.1), "full jitter is even over the bound");
    }

    [Test]
    public void Next_AfterReset_BeginsWithTheFirstBound()
    {
        var backoff = new Backoff(First, Longest, new FixedRandom(1));
        for (var i = 0; i < 5; i++)
        {
            backoff.Next();
        }

        backoff.Reset();

        Assert.That((backoff.Next(), backoff.Next()), Is.EqualTo((First, First * 2)));
    }

    [Test]
    public void Next_LongestEqualsFirst_StaysThere()
    {
        var backoff = new Backoff(First, First, new FixedRandom(1));

        Assert.That(new[] { backoff.Next(), backoff.Next(), backoff.Next() }, Is.All.EqualTo(First));
    }

    private sealed class FixedRandom(double value) : Random
    {
        public override double NextDouble() => value;
    }
}
