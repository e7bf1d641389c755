using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using OpenShell.Cli.Ssh;

namespace OpenShell.Cli.Tests.Ssh;

internal sealed class HostKeyCheckTests
{
    private static readonly byte[] Key = Encoding.ASCII.GetBytes("\0\0\0\vssh-ed25519 and the rest of a key");

    private static string Fingerprint => $"SHA256:{Convert.ToBase64String(SHA256.HashData(Key)).TrimEnd('=')}";

    [TestCase(1)]
    [TestCase(7)]
    [TestCase(100_000)]
    public void Accepts_TheKnownKey_HoweverItIsCutUp(int pieceBytes)
    {
        var check = new HostKeyCheck(Fingerprint);
        foreach (var piece in Handshake(31).Chunk(pieceBytes))
        {
            Assert.That(check.Accepts(piece), Is.True);
        }

        Assert.That(check.Done, Is.True);
        Assert.That(check.Accepts("encrypted"u8), Is.True);
    }

    [Test]
    public void Accepts_AnotherKey_Refuses() =>
        Assert.That(new HostKeyCheck("SHA256:" + new string('A', 43)).Accepts(Handshake(31)), Is.False);

    [Test]
    public void Accepts_KeysAreUsedBeforeAnyWasShown_Refuses() => Assert.That(new HostKeyCheck(Fingerprint).Accepts(Handshake(21)), Is.False);

    [Test]
    public void Accepts_NoSshAtAll_RefusesInTheEnd()
    {
        var check = new HostKeyCheck(Fingerprint);
        var noise = new byte[100_000];
        Assert.That(Enumerable.Range(0, 4).All(_ => check.Accepts(noise)), Is.False);
    }

    private static byte[] Handshake(byte type)
    {
        var length = new byte[4];
        BinaryPrimitives.WriteInt32BigEndian(length, Key.Length);
        return [.. "a line before\r\nSSH-2.0-test\r\n"u8, .. Packet([20, .. new byte[50]]), .. Packet([type, .. length, .. Key, 1, 2, 3])];
    }

    private static byte[] Packet(byte[] payload)
    {
        const int Padding = 6;
        var length = new byte[4];
        BinaryPrimitives.WriteInt32BigEndian(length, 1 + payload.Length + Padding);
        return [.. length, Padding, .. payload, .. new byte[Padding]];
    }
}
