using System.Buffers.Binary;
using OpenShell.Supervisor.Native;
using OpenShell.Supervisor.Processes;

namespace OpenShell.Supervisor.Tests.Processes;

public sealed class TerminalModesTests
{
    private const uint Echo = 0x8;
    private const uint Canonical = 0x2;

    [Test]
    public void Apply_CharactersFlagsAndSizes_AreSetAndTheRestStays()
    {
        var settings = new TerminalSettings { Local = Echo | Canonical, Control = 0x30, Input = 0x100 };
        TerminalModes.Apply(Modes((1, 5), (5, 6), (53, 0), (59, 1), (42, 1), (90, 1), (70, 1), (92, 1), (128, 38400)), ref settings);
        Assert.Multiple(() =>
        {
            Assert.That((settings.Characters[0], settings.Characters[4]), Is.EqualTo(((byte)5, (byte)6)));
            Assert.That(settings.Local, Is.EqualTo(Canonical | 0x8000u));
            Assert.That(settings.Input, Is.EqualTo(0x4100u));
            Assert.That(settings.Control, Is.EqualTo(0x120u));
            Assert.That(settings.Output, Is.EqualTo(1u));
        });
    }

    [Test]
    public void Apply_CharacterIsNone_IsDisabled()
    {
        var settings = default(TerminalSettings);
        settings.Characters[0] = 3;
        TerminalModes.Apply(Modes((1, 255)), ref settings);
        Assert.That(settings.Characters[0], Is.Zero);
    }

    [Test]
    public void Apply_OpcodesThatAreUnknown_ArePassedOver()
    {
        var settings = new TerminalSettings { Local = Echo };
        TerminalModes.Apply(Modes((11, 1), (15, 1), (17, 1), (19, 1), (29, 1), (43, 1), (49, 1), (63, 1), (100, 1), (159, 1), (53, 0)), ref settings);
        Assert.That(settings.Local, Is.Zero);
    }

    [TestCase(0)]
    [TestCase(1)]
    [TestCase(4)]
    public void Apply_CutOff_TakesWhatIsWhole(int length)
    {
        var settings = new TerminalSettings { Local = Echo };
        TerminalModes.Apply(Modes((53, 0)).AsSpan(0, length), ref settings);
        Assert.That(settings.Local, Is.EqualTo(Echo));
    }

    [TestCase((byte)0)]
    [TestCase((byte)160)]
    [TestCase((byte)255)]
    public void Apply_EndOrUndefinedOpcode_StopsThere(byte opcode)
    {
        var settings = new TerminalSettings { Local = Echo };
        TerminalModes.Apply(Modes((opcode, 0), (53, 0)), ref settings);
        Assert.That(settings.Local, Is.EqualTo(Echo));
    }

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
