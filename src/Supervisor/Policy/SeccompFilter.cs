using System.Runtime.InteropServices;
using OpenShell.Supervisor.Native;

namespace OpenShell.Supervisor.Policy;

/// <summary>
/// A seccomp filter that denies what <see cref="DeniedSystemCalls"/> lists and allows the rest. Its shape:
/// <list type="number">
/// <item>Calls of another architecture, whose numbers mean something else, are denied.</item>
/// <item>clone3 does not exist, because a filter cannot look at its flags; C libraries fall back to clone.</item>
/// <item>clone may not make namespaces.</item>
/// <item>What is on the list gives EPERM, everything else is allowed.</item>
/// </list>
/// </summary>
internal static class SeccompFilter
{
    private const ushort LoadWord = 0x20;
    private const ushort JumpIfEqual = 0x15;
    private const ushort JumpIfAtLeast = 0x35;
    private const ushort JumpIfAnyBit = 0x45;
    private const ushort Return = 0x06;

    // Places in struct seccomp_data.
    private const uint NumberOffset = 0;
    private const uint ArchitectureOffset = 4;
    private const uint FirstArgumentOffset = 16;

    private const uint Allow = 0x7FFF0000;
    private const uint FailWith = 0x00050000;
    private const uint NotPermitted = 1;
    private const uint NoSuchCall = 38;

    private const uint NewNamespaces = 0x7E020000;
    private const uint FirstOfX32 = 0x40000000;

    // Where a jump goes: the next instruction, or one of the three at the end.
    private enum To
    {
        Next,
        Allow,
        Deny,
        Missing,
    }

    /// <summary>The filter for this machine.</summary>
    public static SeccompInstruction[] Build() => Build(DeniedSystemCalls.Of(RuntimeInformation.ProcessArchitecture));

    internal static SeccompInstruction[] Build(DeniedSystemCalls denied)
    {
        List<(ushort Code, uint Operand, To True, To False)> body =
        [
            (LoadWord, ArchitectureOffset, To.Next, To.Next),
            (JumpIfEqual, denied.Architecture, To.Next, To.Deny),
            (LoadWord, NumberOffset, To.Next, To.Next),
            (JumpIfAtLeast, FirstOfX32, To.Missing, To.Next),
            (JumpIfEqual, denied.Clone3Call, To.Missing, To.Next),
        ];
        body.AddRange(denied.Numbers.Select(number => (JumpIfEqual, number, To.Deny, To.Next)));
        body.Add((JumpIfEqual, denied.CloneCall, To.Next, To.Allow));
        body.Add((LoadWord, FirstArgumentOffset, To.Next, To.Next));
        body.Add((JumpIfAnyBit, NewNamespaces, To.Deny, To.Allow));

        return
        [
            .. body.Select((one, index) => new SeccompInstruction(
                one.Code, Distance(one.True, index, body.Count), Distance(one.False, index, body.Count), one.Operand)),
            new(Return, 0, 0, Allow),
            new(Return, 0, 0, FailWith | NotPermitted),
            new(Return, 0, 0, FailWith | NoSuchCall),
        ];
    }

    private static byte Distance(To target, int from, int bodyLength) =>
        target == To.Next ? (byte)0 : checked((byte)(bodyLength + (int)target - (int)To.Allow - from - 1));
}
