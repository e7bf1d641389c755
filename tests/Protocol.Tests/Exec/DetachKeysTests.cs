using System.Text;

namespace OpenShell.Protocol.Exec;

public sealed class DetachKeysTests
{
    private const string P = "\x10";
    private const string Q = "\x11";

    // The bar is where one read ends and the next begins.
    [TestCase("abc", "abc", false)]
    [TestCase(Q, Q, false)]
    [TestCase(P, "", false)]
    [TestCase(P + "|a", P + "a", false)]
    [TestCase("a" + P + "b" + Q, "a" + P + "b" + Q, false)]
    [TestCase("a" + P + Q, "a", true)]
    [TestCase("a" + P + "|" + Q, "a", true)]
    [TestCase(P + Q + "b", "", true)]
    [TestCase(P + P + Q, P, true)]
    [TestCase(P + P + "a", P + P + "a", false)]
    [TestCase("\x03", "\x03", false)]
    public void Filter_Typed_DetachesOnlyOnBothKeys(string typed, string passed, bool detaches) =>
        Assert.That(Filter(new DetachKeys(readOnly: false), typed), Is.EqualTo((passed, detaches)));

    [TestCase("a\x04" + "b", "a", true)]
    [TestCase(P + "\x04", "", true)]
    [TestCase("a" + P + Q, "a", true)]
    public void Filter_ControlD_DetachesAsWell(string typed, string passed, bool detaches) =>
        Assert.That(Filter(new DetachKeys(readOnly: false, controlD: true), typed), Is.EqualTo((passed, detaches)));

    [TestCase("abc" + P + "d", false)]
    [TestCase("a\x03", true)]
    [TestCase("a" + P + "|" + Q, true)]
    public void Filter_ReadOnly_PassesNothing(string typed, bool detaches) =>
        Assert.That(Filter(new DetachKeys(readOnly: true), typed), Is.EqualTo(("", detaches)));

    [Test]
    public void Filter_BytesOfNoText_GoThrough()
    {
        byte[] typed = [0, 0xff, 0xc3, 0x28];
        var passed = new byte[DetachKeys.RoomFor(typed.Length)];

        Assert.That(new DetachKeys(readOnly: false).Filter(typed, passed, out var count), Is.False);
        Assert.That(passed[..count], Is.EqualTo(typed));
    }

    private static (string Passed, bool Detaches) Filter(DetachKeys keys, string typed)
    {
        var all = new StringBuilder();
        foreach (var read in typed.Split('|').Select(Encoding.ASCII.GetBytes))
        {
            var passed = new byte[DetachKeys.RoomFor(read.Length)];
            var detaches = keys.Filter(read, passed, out var count);
            all.Append(Encoding.ASCII.GetString(passed, 0, count));
            if (detaches)
            {
                return (all.ToString(), true);
            }
        }

        return (all.ToString(), false);
    }
}
