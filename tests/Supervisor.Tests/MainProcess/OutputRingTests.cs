using System.Text;
using OpenShell.Supervisor.MainProcess;

namespace OpenShell.Supervisor.Tests.MainProcess;

public sealed class OutputRingTests
{
    [TestCase("", "")]
    [TestCase("abc", "abc")]
    [TestCase("abc,def,gh", "abcdefgh")]
    [TestCase("abc,def,ghi", "bcdefghi")]
    [TestCase("0123456789", "23456789")]
    [TestCase("a,0123456789ABCDEF,z", "9ABCDEFz")]
    public void Snapshot_Always_HasTheLastBytesInOrder(string pieces, string expected)
    {
        var ring = new OutputRing(8);
        foreach (var piece in pieces.Split(','))
        {
            ring.Write(Encoding.ASCII.GetBytes(piece));
        }

        Assert.That(Encoding.ASCII.GetString(ring.Snapshot()), Is.EqualTo(expected));
    }

    [Test]
    public void Snapshot_ManyWritesOfAllSizes_EqualsTheTail()
    {
        var random = new Random(1);
        var ring = new OutputRing(1000);
        var all = new List<byte>();
        for (var i = 0; i < 500; i++)
        {
            var piece = new byte[random.Next(0, 1500)];
            random.NextBytes(piece);
            ring.Write(piece);
            all.AddRange(piece);
            Assert.That(ring.Snapshot(), Is.EqualTo(all.TakeLast(1000)));
        }
    }
}
