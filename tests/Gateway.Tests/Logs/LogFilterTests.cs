using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using OpenShell.Gateway.Services;

namespace OpenShell.Gateway.Logs;

public sealed class LogFilterTests
{
    [TestCase("ERROR", "ERROR")]
    [TestCase("WARN", "ERROR WARN")]
    [TestCase("INFO", "ERROR WARN INFO OCSF")]
    [TestCase("OCSF", "ERROR WARN INFO OCSF")]
    [TestCase("DEBUG", "ERROR WARN INFO OCSF DEBUG")]
    [TestCase("TRACE", "ERROR WARN INFO OCSF DEBUG TRACE")]
    [TestCase("info", "ERROR WARN INFO OCSF")]
    [TestCase("", "ERROR WARN INFO OCSF DEBUG TRACE NOVEL")]
    public void Wants_MinimumLevel_KeepsWhatIsAtLeastAsImportant(string minimum, string expected)
    {
        var filter = LogMapping.ToFilter(null, [], minimum, "min_level");
        string[] levels = ["ERROR", "WARN", "INFO", "OCSF", "DEBUG", "TRACE", "NOVEL"];
        Assert.That(string.Join(' ', levels.Where(l => filter.Wants(LogLines.Create(level: l)))), Is.EqualTo(expected));
    }

    [Test]
    public void Wants_Sources_AnEmptyOneCountsAsTheGateway()
    {
        var gateway = LogMapping.ToFilter(null, ["gateway"], "", "min_level");
        var sandbox = LogMapping.ToFilter(null, ["sandbox"], "", "min_level");
        var unnamed = LogMapping.ToFilter(null, [""], "", "min_level");
        var both = LogMapping.ToFilter(null, ["sandbox", "gateway"], "", "min_level");
        Assert.Multiple(() =>
        {
            Assert.That(Wanted(gateway), Is.EqualTo("gateway,"));
            Assert.That(Wanted(unnamed), Is.EqualTo("gateway,"));
            Assert.That(Wanted(sandbox), Is.EqualTo("sandbox"));
            Assert.That(Wanted(both), Is.EqualTo("gateway,sandbox,"));
        });

        static string Wanted(LogFilter filter)
        {
            string[] sources = ["gateway", "sandbox", "", "other"];
            return string.Join(',', sources.Where(s => filter.Wants(LogLines.Create(source: s))));
        }
    }

    [Test]
    public void Wants_Since_IncludesThatMoment()
    {
        var filter = LogMapping.ToFilter(LogLines.Then.AddSeconds(2).ToTimestamp(), [], "", "min_level");
        Assert.That(Enumerable.Range(0, 4).Where(s => filter.Wants(LogLines.Create(second: s))), Is.EqualTo(new[] { 2, 3 }));
    }

    [TestCase(253_402_300_800, 0)]
    [TestCase(-62_135_596_801, 0)]
    [TestCase(0, 1_000_000_000)]
    [TestCase(0, -1)]
    public void ToFilter_ATimeThatIsNone_IsRefused(long seconds, int nanos)
    {
        var e = Assert.Throws<RpcException>(() => LogMapping.ToFilter(new Timestamp { Seconds = seconds, Nanos = nanos }, [], "", "min_level"));
        Assert.That(
            (e!.StatusCode, e.Status.Detail),
            Is.EqualTo((StatusCode.InvalidArgument, $"since_time is no time: seconds {seconds}, nanos {nanos}")));
    }

    [Test]
    public void Wants_SinceAndALineWithoutATime_IsNotOfTheTailAndComesWhenItIsNew()
    {
        var line = LogLines.Create() with { Time = null };
        var since = LogFilter.All with { Since = LogLines.Then };
        Assert.That((since.Wants(line), since.WantsOfTail(line)), Is.EqualTo((true, false)));
        Assert.That((LogFilter.All.Wants(line), LogFilter.All.WantsOfTail(line)), Is.EqualTo((true, true)));
    }
}
