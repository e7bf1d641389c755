using OpenShell.Driver.Vm.Commands;
using OpenShell.Driver.Vm.Configuration;

namespace OpenShell.Driver.Vm.Tests.Commands;

[TestFixture]
internal sealed class DriverOptionsParserTests
{
    private static readonly ServeTexts Good = new()
    {
        Socket = "/s/driver.sock",
        StateDirectory = "relative",
        GuestDirectory = "/g",
        Supervisor = "/b/supervisor",
        SupervisorEndpoint = "unix:/s/sup.sock",
        Acceleration = "kvm",
        VirtualCpus = "1",
        Memory = "256MiB",
        Disk = "4GiB",
        DefaultImage = "tiny",
        LogLevel = "Information",
        Lifeline = "stdin",
    };

    [Test]
    public void Parse_GoodOptions_AreRead()
    {
        var (options, problem) = Parse(Good);

        Assert.That(problem, Is.Null);
        Assert.That(options!.Acceleration, Is.EqualTo(AccelerationMode.Kvm));
        Assert.That(options.EndWithStandardInput, Is.True);
        Assert.That(Path.IsPathRooted(options.StateDirectory), Is.True);
        Assert.That(options.Memory.Mebibytes, Is.EqualTo(256));
    }

    [Test]
    public void Parse_SeveralErrors_AreReportedTogether()
    {
        var (options, problem) = Parse(Good with
        {
            Socket = null,
            SupervisorEndpoint = "somewhere",
            Acceleration = "gpu",
            VirtualCpus = "0",
            Memory = "1Mi",
            Disk = "much",
            LogLevel = "loud",
            Lifeline = "fd3",
        });

        Assert.That(options, Is.Null);
        foreach (var text in (string[])["--socket", "somewhere", "gpu", "--vcpus '0'", "--memory '1Mi'", "--disk 'much'", "loud", "fd3"])
        {
            Assert.That(problem, Does.Contain(text));
        }
    }

    [TestCase("auto", null)]
    [TestCase("0", 0L)]
    [TestCase("2GiB", 2L << 30)]
    public void Parse_MinFreeDisk_IsRead(string text, long? bytes) =>
        Assert.That(Parse(Good with { MinFreeDisk = text }).Options!.MinFreeDisk?.Bytes, Is.EqualTo(bytes));

    [Test]
    public void Parse_MinFreeDiskThatIsNone_IsRefused() =>
        Assert.That(Parse(Good with { MinFreeDisk = "-1" }).Problem, Does.Contain("--min-free-disk '-1'"));

    [Test]
    public void Parse_ControlCharacterInAPath_IsRefused()
    {
        Assert.That(Parse(Good with { Supervisor = "/a\nb" }).Problem, Does.Contain("--supervisor holds a control character"));
    }

    private static (DriverOptions? Options, string? Problem) Parse(ServeTexts texts)
    {
        DriverOptionsParser.Parse(texts).Succeeded(out var options, out var failure);
        return (options, failure?.Message);
    }
}
