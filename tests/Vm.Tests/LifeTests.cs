using Grpc.Core;
using OpenShell.Protocol.V1;
using OpenShell.TestKit;

namespace OpenShell.Vm;

/// <summary>Machines that stop, start and are killed, and the processes around them.</summary>
public sealed class LifeTests : VmTest
{
    [Test]
    public async Task Qemu_Killed_ErrorWithProcessExitedAndConsoleLines()
    {
        var sandbox = await BootAsync();
        await HostProcesses.SignalAsync(QemuPid(sandbox), "KILL");
        var failed = await Gateway.WaitForPhaseAsync(sandbox.Metadata.Name, SandboxPhase.Error);
        var ready = failed.Status.Conditions.Single(c => c.Type == "Ready");
        Assert.That(ready.Reason, Is.EqualTo("ProcessExited"));
        Assert.That(ready.Message, Does.Contain("openshell-supervisor:"), "the last console lines");
        await Gateway.Client.DeleteSandboxAsync(new DeleteSandboxRequest { WorkspaceScope = Scope.Default, Name = sandbox.Metadata.Name });
        Assert.That(System.IO.Directory.Exists(Path.Combine(DriverState, "sandboxes", sandbox.Metadata.Id)), Is.False);
    }

    [Test]
    public async Task StopAndStart_File_IsStillThere()
    {
        var sandbox = await BootAsync();
        await ShellAsync(sandbox, "echo kept > /root/file");
        var name = sandbox.Metadata.Name;
        await Gateway.Client.StopSandboxAsync(new StopSandboxRequest { WorkspaceScope = Scope.Default, Name = name });
        Assert.That(HostProcesses.Find($"-name openshell-{sandbox.Metadata.Id}"), Is.Empty);
        await Gateway.Client.StartSandboxAsync(new StartSandboxRequest { WorkspaceScope = Scope.Default, Name = name });
        var started = await Gateway.WaitForPhaseAsync(name, SandboxPhase.Ready, BootTimeout);
        Assert.That((await ShellAsync(started, "cat /root/file")).Text, Is.EqualTo("kept\n"));
    }

    [Test]
    public async Task Qemu_Frozen_StopAndStartWorkOnTheSameDisk([Values] bool force)
    {
        var sandbox = await BootAsync();
        await ShellAsync(sandbox, "echo kept > /root/file; sync");
        await HostProcesses.SignalAsync(QemuPid(sandbox), "STOP");

        await StopAndStartAsync(sandbox, force);

        Assert.That((await ShellAsync(sandbox, "cat /root/file")).Text, Is.EqualTo("kept\n"));
    }

    // Its second serial port takes no characters any more: the order never arrives.
    [Test]
    public async Task Guest_IgnoresPoweroff_IsKilledAfterTheGrace()
    {
        var sandbox = await BootAsync();
        var deaf = await ShellAsync(sandbox, "echo kept > /root/file; sync; stty -F /dev/ttyS1 -cread && echo deaf");
        Assert.That(deaf.Text, Is.EqualTo("deaf\n"));

        await StopAndStartAsync(sandbox, force: false);

        Assert.That((await ShellAsync(sandbox, "cat /root/file")).Text, Is.EqualTo("kept\n"));
    }

    [Test]
    public async Task Qemu_Killed_StartBringsItBackWithItsDisk()
    {
        var sandbox = await BootAsync();
        await ShellAsync(sandbox, "echo kept > /root/file; sync");
        await HostProcesses.SignalAsync(QemuPid(sandbox), "KILL");
        await Gateway.WaitForPhaseAsync(sandbox.Metadata.Name, SandboxPhase.Error, TimeSpan.FromSeconds(10));

        await Gateway.Client.StartSandboxAsync(new StartSandboxRequest { WorkspaceScope = Scope.Default, Name = sandbox.Metadata.Name });

        await Gateway.WaitForPhaseAsync(sandbox.Metadata.Name, SandboxPhase.Ready, TimeSpan.FromSeconds(60));
        Assert.That((await ShellAsync(sandbox, "cat /root/file")).Text, Is.EqualTo("kept\n"));
    }

    [Test]
    public async Task Gateway_Killed_RestartFindsTheSameMachine()
    {
        var sandbox = await BootAsync();
        var qemu = QemuPid(sandbox);
        await Gateway.KillAsync();
        await Gateway.DisposeAsync();
        Gateway = await StartGatewayAsync();
        var again = await Gateway.WaitForPhaseAsync(sandbox.Metadata.Name, SandboxPhase.Ready);
        Assert.That(again.Status.MainProcessInstanceId, Is.EqualTo(sandbox.Status.MainProcessInstanceId));
        Assert.That(QemuPid(sandbox), Is.EqualTo(qemu));
        // The first phase after the restart is the stored one: what counts is that commands run.
        await Eventually.BecomesTrueAsync(
            async () => await TryExecAsync(sandbox), () => "a command runs after the restart");
    }

    [Test]
    public async Task Driver_Killed_GatewayRunsAnotherThatFindsTheMachine()
    {
        var sandbox = await BootAsync();
        var driver = HostProcesses.Find($"openshell-driver-vm --socket {Directory.Path}").Single();
        await HostProcesses.SignalAsync(driver, "KILL");
        await Eventually.BecomesTrueAsync(
            async () => (await Gateway.Client.GetGatewayInfoAsync(new GetGatewayInfoRequest())).ComputeDrivers.Count == 1
                && HostProcesses.Find($"openshell-driver-vm --socket {Directory.Path}").Any(p => p != driver),
            () => "another driver answers");
        Assert.That((await ShellAsync(sandbox, "true")).Exit!.ExitCode, Is.Zero);
        // It is really adopted: its death is noticed.
        await HostProcesses.SignalAsync(QemuPid(sandbox), "KILL");
        await Gateway.WaitForPhaseAsync(sandbox.Metadata.Name, SandboxPhase.Error);
    }

    [Test]
    public async Task Helper_Killed_AnotherTakesOverAndTheMachineGoesOn()
    {
        var sandbox = await BootAsync();
        var qemu = QemuPid(sandbox);
        var helper = HelperPid(qemu);
        await HostProcesses.SignalAsync(helper!.Value, "KILL");
        await Eventually.BecomesTrueAsync(() => HelperPid(qemu) is { } other && other != helper, "the driver starts another helper");
        await Eventually.BecomesTrueAsync(async () => await TryExecAsync(sandbox), () => "a command runs by way of it");

        // Without a driver it stays away; the next driver sees to it.
        var driver = HostProcesses.Find($"openshell-driver-vm --socket {Directory.Path}").Single();
        helper = HelperPid(qemu);
        await HostProcesses.SignalAsync(driver, "STOP");
        await HostProcesses.SignalAsync(helper!.Value, "KILL");
        await HostProcesses.SignalAsync(driver, "KILL");
        await Eventually.BecomesTrueAsync(() => HelperPid(qemu) is { } other && other != helper, "the next driver starts another helper");
        await Eventually.BecomesTrueAsync(async () => await TryExecAsync(sandbox), () => "a command runs by way of that");
        Assert.That(QemuPid(sandbox), Is.EqualTo(qemu));

        // It goes with its QEMU, and nobody starts another.
        helper = HelperPid(qemu);
        await HostProcesses.SignalAsync(qemu, "KILL");
        await Gateway.WaitForPhaseAsync(sandbox.Metadata.Name, SandboxPhase.Error);
        await Eventually.BecomesTrueAsync(() => HelperPid(qemu) is null, "the helper has ended");
    }

    [Test]
    public async Task Gateway_StoppedInOrder_SandboxComesBackAfterwards()
    {
        var sandbox = await BootAsync();
        await ShellAsync(sandbox, "echo kept > /root/file");
        Assert.That(await Gateway.StopAsync(), Is.Zero);
        await HostProcesses.AssertNoneAsync(Directory.Path);
        await Gateway.DisposeAsync();
        Gateway = await StartGatewayAsync();
        await Eventually.BecomesTrueAsync(
            async () => await TryExecAsync(sandbox), () => "a command runs after the restart", BootTimeout);
        Assert.That((await ShellAsync(sandbox, "cat /root/file")).Text, Is.EqualTo("kept\n"));
    }

    [Test]
    public async Task Create_MissingImage_FailedPreconditionAndNothingIsLeft()
    {
        var request = new CreateSandboxRequest { WorkspaceScope = Scope.Default, Spec = new SandboxSpec { Template = new SandboxTemplate { Image = "no-such-image" } } };
        var e = await Assert.ThrowsAsync<RpcException>(async () => await Gateway.Client.CreateSandboxAsync(request));
        Assert.That(e!.StatusCode, Is.EqualTo(StatusCode.FailedPrecondition));
        Assert.That(e.Status.Detail, Does.Contain("no-such-image").And.Contain("tiny"));
        Assert.That(Gateway.Client.ListSandboxes(new ListSandboxesRequest { WorkspaceScope = Scope.Default }).Sandboxes, Is.Empty);
        Assert.That(System.IO.Directory.EnumerateFileSystemEntries(Path.Combine(DriverState, "sandboxes")), Is.Empty);
    }

    private async Task StopAndStartAsync(Sandbox sandbox, bool force)
    {
        var name = sandbox.Metadata.Name;
        var stopped = await Gateway.Client.StopSandboxAsync(new StopSandboxRequest { WorkspaceScope = Scope.Default, Name = name, Force = force });
        Assert.That(stopped.Sandbox.Status.Phase, Is.EqualTo(SandboxPhase.Stopped));
        Assert.That(HostProcesses.Find($"-name openshell-{sandbox.Metadata.Id}"), Is.Empty);
        await Gateway.Client.StartSandboxAsync(new StartSandboxRequest { WorkspaceScope = Scope.Default, Name = name });
        await Gateway.WaitForPhaseAsync(name, SandboxPhase.Ready, TimeSpan.FromSeconds(60));
    }

    private static int? HelperPid(int qemu) =>
        HostProcesses.Find($"machine-helper {qemu} ") is [var pid] ? pid : null;

    private async Task<bool> TryExecAsync(Sandbox sandbox)
    {
        try
        {
            return (await ShellAsync(sandbox, "true")).Exit!.ExitCode == 0;
        }
        catch (RpcException)
        {
            return false;
        }
    }
}
