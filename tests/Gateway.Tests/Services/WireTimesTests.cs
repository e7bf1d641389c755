using Google.Protobuf.WellKnownTypes;
using Google.Rpc;
using Grpc.Core;

namespace OpenShell.Gateway.Services;

public class WireTimesTests
{
    [Test]
    public void Absent_IsNotZero()
    {
        Assert.That(WireTimes.Time("since_time", null), Is.Null);
        Assert.That(WireTimes.Span("execution_timeout", null), Is.Null);
        Assert.That(WireTimes.Time("since_time", new Timestamp()), Is.EqualTo(DateTimeOffset.UnixEpoch));
        Assert.That(WireTimes.Span("execution_timeout", new Duration()), Is.EqualTo(TimeSpan.Zero));
    }

    [Test]
    public void Time_OutOfBounds_NamesItsField() => AssertRefused(
        () => WireTimes.Time("since_time", new Timestamp { Seconds = 1, Nanos = -1 }), "since_time", "since_time is no time: seconds 1, nanos -1");

    [Test]
    public void Span_OutOfBounds_NamesItsField() => AssertRefused(
        () => WireTimes.Span("execution_timeout", new Duration { Seconds = 1, Nanos = -1 }),
        "execution_timeout",
        "execution_timeout is no span: seconds 1, nanos -1");

    [Test]
    public void Span_Negative_IsRefused() => AssertRefused(
        () => WireTimes.Span("execution_timeout", new Duration { Seconds = -1, Nanos = -500_000_000 }),
        "execution_timeout",
        "execution_timeout must not be negative: -1.5 s");

    private static void AssertRefused(Action check, string field, string message)
    {
        RefusalAssert.InvalidArgument(check, message);
        var error = Assert.Throws<RpcException>(() => check());
        Assert.That(error!.GetRpcStatus()!.GetDetail<BadRequest>().FieldViolations.Single().Field, Is.EqualTo(field));
    }
}
