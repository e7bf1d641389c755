using Google.Protobuf;
using OpenShell.Protocol.Exec;
using OpenShell.Protocol.Extensions.V1;

namespace OpenShell.Protocol.Tests.Exec;

public sealed class ExecStartPartsTests
{
    [Test]
    public void Split_SmallStart_IsItself()
    {
        var start = new ExecStart { Argv = { "true" } };
        Assert.That(ExecStartParts.Split(start), Is.EqualTo(new[] { start }));
    }

    [Test]
    public void Split_LargestCommand_MergesToTheSameAndEachPartFitsAFrame()
    {
        var start = new ExecStart { Workdir = "/usr", TimeoutMs = 5, Terminal = new ExecTerminal { Cols = 9 }, Detached = true };
        start.Argv.AddRange(Enumerable.Range(0, 1024).Select(number => new string((char)('a' + (number % 26)), 32 * 1024)));
        for (var i = 0; i < 64; i++)
        {
            start.Environment[$"NAME_{i}"] = new string('v', 32 * 1024);
        }

        var parts = ExecStartParts.Split(start);
        var merged = new ExecStart();
        foreach (var part in parts)
        {
            merged.MergeFrom(part.ToByteArray());
        }

        Assert.Multiple(() =>
        {
            Assert.That(merged, Is.EqualTo(start));
            Assert.That(parts.Max(part => part.CalculateSize()), Is.LessThanOrEqualTo(ExecFrames.MaxStart));
            Assert.That(parts.Sum(part => part.CalculateSize()), Is.LessThanOrEqualTo(ExecFrames.MaxStartTotal));
        });
    }

    [Test]
    public void Split_OneArgumentIsTooLarge_Throws()
    {
        var start = new ExecStart { Argv = { new string('a', 3 * 1024 * 1024) } };
        Assert.That(() => ExecStartParts.Split(start), Throws.ArgumentException);
    }
}
