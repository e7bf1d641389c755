using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace OpenShell.Protocol.Exec;

public sealed class TerminalModesTests
{
    private const uint Echo = 0x8;
    private const uint Canonical = 0x2;

    [Test]
    public void Apply_CharactersFlagsAndSizes_AreSetAndTheRestStays()
    {
        var settings = Settings(input: 0x100, control: 0x30, local: Echo | Canonical);
        TerminalModes.Apply(Modes((1, 5), (5, 6), (53, 0), (59, 1), (42, 1), (90, 1), (70, 1), (92, 1), (128, 38400)), settings);
        Assert.Multiple(() =>
        {
            Assert.That((settings[17], settings[21]), Is.EqualTo(((byte)5, (byte)6)));
            Assert.That(Words(settings).ToArray(), Is.EqualTo(new[] { 0x4100u, 1u, 0x120u, Canonical | 0x8000u }));
        });
    }

    [Test]
    public void Apply_CharacterIsNone_IsDisabled()
    {
        var settings = Settings();
        settings[17] = 3;
        TerminalModes.Apply(Modes((1, 255)), settings);
        Assert.That(settings[17], Is.Zero);
    }

    [Test]
    public void Apply_OpcodesThatAreUnknown_ArePassedOver()
    {
        var settings = Settings(local: Echo);
        TerminalModes.Apply(Modes((11, 1), (15, 1), (17, 1), (19, 1), (29, 1), (43, 1), (49, 1), (63, 1), (100, 1), (159, 1), (53, 0)), settings);
        Assert.That(settings, Is.All.Zero);
    }

    [TestCase(0)]
    [TestCase(1)]
    [TestCase(4)]
    public void Apply_CutOff_TakesWhatIsWhole(int length)
    {
        var settings = Settings(local: Echo);
        TerminalModes.Apply(Modes((53, 0)).AsSpan(0, length), settings);
        Assert.That(Words(settings)[3], Is.EqualTo(Echo));
    }

    [TestCase((byte)0)]
    [TestCase((byte)160)]
    [TestCase((byte)255)]
    public void Apply_EndOrUndefinedOpcode_StopsThere(byte opcode)
    {
        var settings = Settings(local: Echo);
        TerminalModes.Apply(Modes((opcode, 0), (53, 0)), settings);
        Assert.That(Words(settings)[3], Is.EqualTo(Echo));
    }

    [Test]
    public void Encode_AnySettings_AppliedElsewhereAreTheSame([Range(0, 19)] int seed)
    {
        // What has an opcode: all flags of these masks, and every character but the two numbers VMIN and VTIME.
        var (from, to) = (Settings(0x7ffc, 0x3f, 0x330, 0xcbff), Settings());
        new Random(seed).NextBytes(from.AsSpan(17));
        for (var i = 0; i < 4; i++)
        {
            Words(from)[i] &= (uint)new Random(seed + 100 + i).Next() | 0x20;
        }

        Words(from)[2] = (Words(from)[2] & 0x300) | (seed % 2 == 0 ? 0x30u : 0x20u);
        (from[17 + 5], from[17 + 6]) = (0, 0);
        from.AsSpan(17).Replace((byte)255, (byte)1);
        new Random(seed + 1000).NextBytes(to.AsSpan(17));
        (to[17 + 5], to[17 + 6]) = (0, 0);
        Words(to).Fill(0x7ffc);
        Words(to)[2] = 0;

        TerminalModes.Apply(TerminalModes.Encode(from), to);

        uint[] masks = [0x7ffc, 0x3f, 0x330, 0xcbff];
        for (var i = 0; i < 4; i++)
        {
            Assert.That(Words(to)[i] & masks[i], Is.EqualTo(Words(from)[i] & masks[i]), $"word {i}");
        }

        Assert.That(to[17..], Is.EqualTo(from[17..]));
    }

    private static byte[] Settings(uint input = 0, uint output = 0, uint control = 0, uint local = 0)
    {
        var settings = new byte[TerminalModes.SettingsLength];
        uint[] words = [input, output, control, local];
        words.CopyTo(Words(settings));
        return settings;
    }

    private static Span<uint> Words(byte[] settings) => MemoryMarshal.Cast<byte, uint>(settings.AsSpan(0, 16));

    private static byte[] Modes(params (byte Opcode, uint Value)[] modes)
    {
        var bytes = new byte[modes.Length * 5];
        for (var i = 0; i < modes.Length; i++)
        {
            bytes[i * 5] = modes[i].Opcode;
            BinaryPrimitives.WriteUInt32BigEndian(bytes.AsSpan((i * 5) + 1), modes[i].Value);
        }

        return bytes;
    }
}
