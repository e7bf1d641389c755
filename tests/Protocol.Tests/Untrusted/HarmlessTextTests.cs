using System.Text;
using FsCheck;
using FsCheck.Fluent;
using OpenShell.Protocol.Untrusted;

namespace OpenShell.Protocol.Tests.Untrusted;

public sealed class HarmlessTextTests
{
    // Dense in what matters, which random text of all characters is not.
    private static readonly int[] Interesting =
    [
        0, 7, 8, '\t', '\n', '\r', 0x1b, ' ', 'a', '[', '~', 0x7f, 0x80, 0x85, 0x9b, 0x9f, 0xa0, 0xad, 'é', 0x61c, 0x200b, 0x200c,
        0x200d, 0x200e, 0x200f, 0x2028, 0x2029, 0x202a, 0x202e, 0x2066, 0x2069, 0xd800, 0xdbff, 0xdc00, 0xdfff, 0xfeff, 0xfe0f,
        0xfffd, 0xfffe, 0x1f600, 0xe0041, 0x10ffff,
    ];

    private static readonly Gen<string> Texts =
        from codes in Gen.Elements(Interesting).ArrayOf()
        select string.Concat(codes.Select(code => code > char.MaxValue ? char.ConvertFromUtf32(code) : ((char)code).ToString()));

    private static readonly Gen<(string, int)> Cases = from text in Texts from bound in Gen.Choose(16, 64) select (text, bound);

    // Not cases of their own: neither an attribute nor the name of a test can hold all of these.
    [Test]
    public void Line_Text_IsThis()
    {
        (string Text, string Expected)[] cases =
        [
            ("plain text, ünïcode and \U0001F600", "plain text, ünïcode and \U0001F600"),
            ("\e[31mred\e]0;title\a", @"\x1b[31mred\x1b]0;title\x07"),
            ("a\nb\tc\r\nd", "a b c  d"),
            ("\u009b31m\u007f", @"\x9b31m\x7f"),
            ("evil\u202Egpj.exe\u2066\u200F", @"evil\u202egpj.exe\u2066\u200f"),
            ("a\u200bb\ufeff\u2028\u00ad", @"a\u200bb\ufeff\u2028\xad"),
            ("\ud800x\udc00", @"\ud800x\udc00"),
            ("\U000E0041", @"\U000e0041"),
            ("\U0001F469\u200D\U0001F467", "\U0001F469\u200D\U0001F467"),
        ];
        Assert.That(cases.Select(c => HarmlessText.Line(c.Text)), Is.EqualTo(cases.Select(c => c.Expected)));
    }

    [Test]
    public void Lines_Breaks_Stay() => Assert.That(HarmlessText.Lines("a\n\tb\r\n"), Is.EqualTo("a\n\tb\\r\n"));

    [Test]
    public void Line_Harmless_IsTheSameObject([Values("", "plain", "grüße \U0001F600")] string text) =>
        Assert.That(HarmlessText.Line(text), Is.SameAs(text));

    [Test]
    public void Line_TooLong_IsCutBetweenCharactersWithAMark()
    {
        var text = new string('x', 12) + string.Concat(Enumerable.Repeat("\U0001F600", 10));
        Assert.Multiple(() =>
        {
            Assert.That(HarmlessText.Line(text, 22), Is.EqualTo(new string('x', 12) + "\U0001F600… (cut)"));
            Assert.That(HarmlessText.Line(text, 32), Is.SameAs(text), "as long as may be");
            Assert.That(HarmlessText.Line("0123456789\e\e\e\e", 16), Is.EqualTo("012345678… (cut)"), "no half an escape");
        });
    }

    // A text of any size costs what its bound does.
    [Test]
    public void Line_Huge_LooksAtItsBeginningOnly()
    {
        var text = new string('\e', 50_000_000);
        var before = GC.GetAllocatedBytesForCurrentThread();
        Assert.That(HarmlessText.Line(text, 100), Has.Length.LessThanOrEqualTo(100));
        Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.LessThan(100_000));
    }

    [Test]
    public void Line_AnyText_HoldsNothingHarmfulWithinTheBoundAndStaysSo() =>
        Prop.ForAll(Arb.From(Cases), sample =>
        {
            var (text, bound) = sample;
            var line = HarmlessText.Line(text, bound);
            var lines = HarmlessText.Lines(text, bound);
            return line.Length <= bound
                && lines.Length <= bound
                && IsHarmless(line, "")
                && IsHarmless(lines, "\n\t")
                && ReferenceEquals(HarmlessText.Line(line, bound), line)
                && ReferenceEquals(HarmlessText.Lines(lines, bound), lines)
                && Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(line)) == line;
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(20_000));

    [Test]
    public void Line_TextWithinTheBound_KeepsEveryHarmlessCharacter() =>
        Prop.ForAll(Arb.From(Texts), text =>
        {
            var kept = text.EnumerateRunes().Where(r => !HarmlessText.IsHarmful(r.Value) && r.Value != 0xfffd).Select(r => r.ToString());
            var line = HarmlessText.Line(text);
            return kept.All(c => line.Contains(c, StringComparison.Ordinal));
        }).Check(Config.QuickThrowOnFailure);

    [Test]
    public void Remove_Sequences_AreGone()
    {
        (string Text, string Expected)[] cases =
        [
            ("\e[31mred\e[0m", "red"),
            ("\e]0;title\aafter", "after"),
            ("\e]8;;http://x\e\\link\e]8;;\e\\", "link"),
            ("\e(Btext", "text"),
            ("\ePq\e\\x", "x"),
            ("\e7\e[?25lx", "x"),
            ("cut\e", "cut"),
            ("cut\e[12", "cut"),
            ("cut\e]0;t", "cut"),
            ("plain", "plain"),
        ];
        Assert.That(cases.Select(c => EscapeSequences.Remove(c.Text)), Is.EqualTo(cases.Select(c => c.Expected)));
    }

    [Test]
    public void Remove_AnyText_LeavesNoEscape() =>
        Prop.ForAll(Arb.From(Texts), text => !EscapeSequences.Remove(text).Contains('\e', StringComparison.Ordinal)).Check(Config.QuickThrowOnFailure);

    private static bool IsHarmless(string text, string allowed) =>
        text.EnumerateRunes().All(r => r.Value != 0xfffd || text.Contains('\uFFFD', StringComparison.Ordinal))
        && text.EnumerateRunes().All(r => !HarmlessText.IsHarmful(r.Value) || allowed.Contains((char)r.Value, StringComparison.Ordinal))
        && !text.Where((c, i) => char.IsSurrogate(c) && !IsPart(text, i)).Any();

    private static bool IsPart(string text, int i) =>
        (i + 1 < text.Length && char.IsSurrogatePair(text[i], text[i + 1])) || (i > 0 && char.IsSurrogatePair(text[i - 1], text[i]));
}
