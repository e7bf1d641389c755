using OpenShell.Protocol.Outcomes;

namespace OpenShell.Gateway.Connections;

public sealed class StreamSlotsTests
{
    private readonly StreamSlots _slots = new("watches", 3, 2, "--max-watches", "--max-watches-per-connection");

    [Test]
    public void Take_OneMore_IsRefusedWithTheLimitAndItsOption()
    {
        var first = _slots.Take("a").Place!;
        using var second = _slots.Take("a").Place;
        Assert.That(_slots.Take("a").Refusal, Is.EqualTo(new Failure(
            FailureKind.ResourceExhausted, "this connection has 2 watches, which is the limit; close some, or raise the gateway's --max-watches-per-connection")));
        using var third = _slots.Take("b").Place;
        Assert.That(_slots.Take("c").Refusal?.Message, Is.EqualTo(
            "this gateway has 3 watches, which is the limit; close some, or raise the gateway's --max-watches"));

        first.Dispose();
        first.Dispose();

        using var again = _slots.Take("a").Place;
        Assert.That(again, Is.Not.Null);
        Assert.That(_slots.Take("c").Refusal, Is.Not.Null, "a place that is given back twice is one");
    }
}
