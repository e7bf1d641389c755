using OpenShell.TestKit;

namespace OpenShell.Gateway.Connections;

public sealed class FrameAllowanceTests
{
    private readonly ManualTimeProvider _time = new();

    [Test]
    public void Take_OneMoreThanTheBurst_EndsTheConnection()
    {
        Assert.That(End(new FrameCounts { Resets = 1 }, 2000), Is.EqualTo(PeerEnd.Resets));
        Assert.That(End(new FrameCounts { Pings = 1 }, 20_000), Is.EqualTo(PeerEnd.Pings));
        Assert.That(End(new FrameCounts { Needless = 1 }, 1000), Is.EqualTo(PeerEnd.NeedlessFrames));
    }

    [Test]
    public void Take_WhatComesBackEachSecond_GoesOnForEver()
    {
        var allowance = new FrameAllowance(_time);
        for (var second = 0; second < 1000; second++)
        {
            Assert.That(allowance.Take(new FrameCounts { Resets = 200, Pings = 10_000, Needless = 50 }), Is.Null);
            _time.Advance(TimeSpan.FromSeconds(1));
        }
    }

    private PeerEnd? End(FrameCounts one, int burst)
    {
        var allowance = new FrameAllowance(_time);
        for (var i = 0; i < burst; i++)
        {
            Assert.That(allowance.Take(one), Is.Null);
        }

        return allowance.Take(one);
    }
}
