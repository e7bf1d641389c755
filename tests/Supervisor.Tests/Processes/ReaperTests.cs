using OpenShell.Linux.Processes;
using OpenShell.Supervisor.Processes;

namespace OpenShell.Supervisor.Tests.Processes;

public sealed class ReaperTests
{
    [Test]
    public async Task Exited_ProcessesThatEndAtOnce_EveryOwnerGetsItsOwnStatus()
    {
        var exits = Enumerable.Range(0, 300).Select(async number =>
        {
            using var process = TestEngine.Start("/bin/sh", "-c", $"exit {number % 250}");
            return (await TestEngine.ExitOfAsync(process)).Code == number % 250;
        });
        Assert.That(await Task.WhenAll(exits), Is.All.True);
    }

    [Test]
    public async Task SignalGroup_ChildEndedAndGroupRuns_ReachesTheGroup()
    {
        using var process = TestEngine.Start("/bin/sh", "-c", "sh -c 'trap \"echo caught; exit\" USR1; echo ready; while :; do sleep 0.05; done' & exit 0");
        await TestEngine.ExitOfAsync(process);
        await TestEngine.WaitForTextAsync(process.Output, "ready");
        Assert.That(process.Signal(10), Is.True);
        Assert.That(await TestEngine.ReadAllAsync(process.Output), Does.Contain("caught"));
    }

    [Test]
    public async Task SignalGroup_NobodyIsLeft_SaysSo()
    {
        using var process = TestEngine.Start("/bin/true");
        await TestEngine.ExitOfAsync(process);
        Assert.That(process.Signal(Signals.Terminate), Is.False);
    }

    [Test]
    public async Task Start_ProgramIsMissing_LeavesNoChildAndNoDescriptor()
    {
        var before = Directory.GetFiles("/proc/self/fd").Length;
        for (var i = 0; i < 200; i++)
        {
            TestEngine.Launcher.Start(TestEngine.Spec("/no/such/program")).Succeeded(out _, out var failure);
            Assert.That(failure!.Kind, Is.EqualTo(LaunchFailureKind.NotFound));
        }

        await TestEngine.UntilAsync(() => Directory.GetFiles("/proc/self/fd").Length < before + 50, "Descriptors of failed starts were not closed.");
        Assert.That(ChildProcess.TryReap(-1), Is.Null);
    }
}
