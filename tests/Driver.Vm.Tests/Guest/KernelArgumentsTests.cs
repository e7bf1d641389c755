using OpenShell.Driver.Vm.Guest;
using OpenShell.Driver.Vm.Qemu;

namespace OpenShell.Driver.Vm.Tests.Guest;

[TestFixture]
internal sealed class KernelArgumentsTests
{
    [Test]
    public void Build_Emulated_TellsTheCounterFrequency()
    {
        Assert.That(KernelArguments.Build(Accelerator.Tcg, 2_500_000), Does.Contain("tsc_early_khz=2500000").And.Contain("tsc=reliable").And.Contain("mitigations=off"));
    }

    [Test]
    public void Build_Kvm_KeepsTheMitigations()
    {
        Assert.That(KernelArguments.Build(Accelerator.Kvm, 2_500_000), Has.None.StartsWith("mitigations").And.None.StartsWith("tsc_early_khz"));
    }
}
