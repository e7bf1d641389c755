using System.Runtime.InteropServices;
using OpenShell.Supervisor.Policy;

namespace OpenShell.Supervisor.Tests.Policy;

/// <summary>The filter, run by a small interpreter of classic BPF.</summary>
public sealed class SeccompFilterTests
{
    private const uint Allow = 0x7FFF0000;
    private const uint NotPermitted = 0x00050001;
    private const uint NoSuchCall = 0x00050026;
    private const uint X64 = 0xC000003E;

    [TestCase(0u, 0u, Allow, TestName = "Filter_Read_IsAllowed")]
    [TestCase(59u, 0u, Allow, TestName = "Filter_Execve_IsAllowed")]
    [TestCase(101u, 0u, Allow, TestName = "Filter_Ptrace_IsAllowed")]
    [TestCase(165u, 0u, NotPermitted, TestName = "Filter_Mount_IsNotPermitted")]
    [TestCase(425u, 0u, NotPermitted, TestName = "Filter_IoUringSetup_IsNotPermitted")]
    [TestCase(180u, 0u, NotPermitted, TestName = "Filter_LastOfTheList_IsNotPermitted")]
    [TestCase(435u, 0u, NoSuchCall, TestName = "Filter_Clone3_DoesNotExist")]
    [TestCase(56u, 0x01200011u, Allow, TestName = "Filter_CloneForFork_IsAllowed")]
    [TestCase(56u, 0x003D0F00u, Allow, TestName = "Filter_CloneForThread_IsAllowed")]
    [TestCase(56u, 0x10000000u, NotPermitted, TestName = "Filter_CloneOfUserNamespace_IsNotPermitted")]
    [TestCase(0x40000000u, 0u, NoSuchCall, TestName = "Filter_X32_DoesNotExist")]
    public void Filter_OnX64(uint number, uint firstArgument, uint expected) =>
        Assert.That(Run(X64, number, firstArgument), Is.EqualTo(expected));

    [Test]
    public void Filter_OtherArchitecture_IsNotPermitted() => Assert.That(Run(0x40000003, 0, 0), Is.EqualTo(NotPermitted));

    [Test]
    public void Filter_EverythingOnTheList_IsNotPermitted([Values] bool arm)
    {
        var denied = DeniedSystemCalls.Of(arm ? Architecture.Arm64 : Architecture.X64);
        Assert.That(denied.Numbers.Select(number => Run(denied, denied.Architecture, number, 0)), Is.All.EqualTo(NotPermitted));
    }

    private static uint Run(uint architecture, uint number, uint firstArgument) =>
        Run(DeniedSystemCalls.Of(Architecture.X64), architecture, number, firstArgument);

    private static uint Run(DeniedSystemCalls denied, uint architecture, uint number, uint firstArgument)
    {
        var filter = SeccompFilter.Build(denied);
        var accumulator = 0u;
        for (var at = 0; ; at++)
        {
            var one = filter[at];
            switch (one.Code)
            {
                case 0x20:
                    accumulator = one.Operand switch { 0 => number, 4 => architecture, 16 => firstArgument, _ => throw new InvalidOperationException() };
                    break;
                case 0x15:
                    at += accumulator == one.Operand ? one.JumpTrue : one.JumpFalse;
                    break;
                case 0x35:
                    at += accumulator >= one.Operand ? one.JumpTrue : one.JumpFalse;
                    break;
                case 0x45:
                    at += (accumulator & one.Operand) != 0 ? one.JumpTrue : one.JumpFalse;
                    break;
                case 0x06:
                    return one.Operand;
                default:
                    throw new InvalidOperationException($"instruction {one.Code}");
            }
        }
    }
}
