using System.Buffers;

namespace OpenShell.Protocol.Exec;

public sealed class FileRecordTests
{
    [TestCase(0x81ED, 0, 0)]
    [TestCase(0x4FFF, -1, 999_999_999)]
    [TestCase(null, 7258118400, 1)]
    public void WriteThenParse_Anything_IsTheSame(int? mode, long seconds, int nanoseconds)
    {
        byte[] path = [.. "./a b\n-"u8, 0xff];
        var written = new ArrayBufferWriter<byte>();
        new FileRecord(path, mode, seconds, nanoseconds).WriteTo(written);

        Assert.That(written.WrittenSpan[^1], Is.Zero);
        Assert.That(FileRecord.TryParse(written.WrittenSpan[..^1], out var record), Is.True);
        Assert.That((record.Path, record.ModeOrNone, record.Seconds, record.Nanoseconds), Is.EqualTo((path, mode, seconds, nanoseconds)));
    }

    [TestCase("")]
    [TestCase("644")]
    [TestCase("644 1")]
    [TestCase("644 1 2")]
    [TestCase("644 1 2 ")]
    [TestCase("648 1 2 x")]
    [TestCase("644 x 2 x")]
    [TestCase("644 1 -2 x")]
    [TestCase("7777777777 1 2 x")]
    public void Parse_NoRecord_IsRefused(string text) => Assert.That(FileRecord.TryParse(System.Text.Encoding.ASCII.GetBytes(text), out _), Is.False);
}
