using OpenShell.Driver.Vm.Records;
using OpenShell.Driver.Vm.Services;
using OpenShell.Driver.Vm.Tests.Fakes;

namespace OpenShell.Driver.Vm.Tests.Services;

[TestFixture]
internal sealed class ConditionsTests
{
    [TestCase(MachineState.Starting, "Ready=False/Starting")]
    [TestCase(MachineState.Running, "Ready=False/Starting")]
    [TestCase(MachineState.Stopping, "Ready=False/DependenciesNotReady Suspended=False/ComputeStopping")]
    [TestCase(MachineState.Stopped, "Ready=False/DependenciesNotReady Suspended=True/ComputeStopped")]
    [TestCase(MachineState.Failed, "Ready=False/ProcessExited")]
    [TestCase(MachineState.Deleting, "Ready=False/Deleting")]
    public void Of_State_IsWhatTheGatewayReads(object state, string expected)
    {
        var conditions = Conditions.Of(Snapshot((MachineState)state));

        Assert.That(string.Join(' ', conditions.Select(c => $"{c.Type}={c.Status}/{c.Reason}")), Is.EqualTo(expected));
    }

    [Test]
    public void Of_AnyState_HasTheTimeOfItsTransition()
    {
        Assert.That(Conditions.Of(Snapshot(MachineState.Running)).Single().TransitionTime.ToDateTimeOffset(), Is.EqualTo(DateTimeOffset.UnixEpoch));
    }

    [Test]
    public void ToSandbox_Machine_CarriesNoEnvironment()
    {
        var sandbox = SandboxMapper.ToSandbox(Snapshot(MachineState.Running));

        Assert.That(sandbox.Spec.Environment, Is.Empty);
        Assert.That(sandbox.Spec.SandboxToken, Is.Empty);
        Assert.That(sandbox.Status.InstanceId, Is.EqualTo("boot-1"));
    }

    private static MachineSnapshot Snapshot(MachineState state) => new(
        Specs.New("a"), state, "boot-1", state == MachineState.Failed ? new MachineFailure(FailureReasons.ProcessExited, "why") : null, DateTimeOffset.UnixEpoch, 1);
}
