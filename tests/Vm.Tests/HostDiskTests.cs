using Grpc.Core;
using OpenShell.Protocol.V1;
using OpenShell.TestKit;

namespace OpenShell.Vm;

/// <summary>A guest that fills the disk of its host, on a file system of the test's own (needs root).</summary>
public sealed class HostDiskTests : VmTest
{
    // Kernel and initramfs take about 70 MiB of it.
    private const string Small = "160m";
    private const string Large = "600m";
    private const int Megabytes = 200;

    protected override string[] GatewayArguments => ["--min-free-disk", "24MiB"];

    protected override Task PrepareAsync() => RunAsync("mount", "-t", "tmpfs", "-o", $"size={Small},mode=0700", "tmpfs", Directory.Path);

    protected override Task CleanUpAsync() => RunAsync("umount", "--lazy", Directory.Path);

    [Test]
    public async Task HostDisk_Full_SandboxSaysWhyAndGoesOnByItself()
    {
        var sandbox = await BootAsync();
        var name = sandbox.Metadata.Name;
        await FillAsync(sandbox);

        var paused = await PausedAsync(name);
        Assert.That(paused.Status.Phase, Is.EqualTo(SandboxPhase.Provisioning));
        Assert.That(Ready(paused).Message, Does.Contain(Path.Combine(DriverState, "sandboxes", sandbox.Metadata.Id)));
        var logs = await Gateway.Client.GetSandboxLogsAsync(new GetSandboxLogsRequest { WorkspaceScope = Scope.Default, Sandbox = sandbox.Metadata.Name });
        Assert.That(logs.Logs.Select(l => l.Message), Has.Some.Contains("The machine is paused: the host's disk is full"));
        Assert.That(Gateway.Log, Does.Contain("paused, the host's disk is full"));
        var exec = await Assert.ThrowsAsync<RpcException>(async () => await ShellAsync(sandbox, "true"));
        Assert.That(exec!.Status.Detail, Does.Contain("The machine is paused"));
        var create = await Assert.ThrowsAsync<RpcException>(async () => await Gateway.Client.CreateSandboxAsync(new CreateSandboxRequest { WorkspaceScope = Scope.Default, Spec = new SandboxSpec() }));
        Assert.That(create!.StatusCode, Is.EqualTo(StatusCode.ResourceExhausted));
        Assert.That(create.Status.Detail, Does.Contain(DriverState).And.Contain("are free").And.Contain("--min-free-disk"));

        // The next driver finds it as it is.
        await HostProcesses.SignalAsync(HostProcesses.Find($"openshell-driver-vm --socket {Directory.Path}").Single(), "KILL");
        await RunAsync("mount", "-o", $"remount,size={Large}", Directory.Path);

        var again = await Gateway.WaitForPhaseAsync(name, SandboxPhase.Ready);
        Assert.That(again.Status.MainProcessInstanceId, Is.EqualTo(sandbox.Status.MainProcessInstanceId), "it is the same boot");
        await Eventually.BecomesTrueAsync(
            async () => (await ShellAsync(sandbox, "cat /root/done 2>/dev/null")).Text == "0\n", () => "the guest has written it all");
        var sum = await ShellAsync(sandbox, $"md5sum < /root/big; yes 0123456789abcde | dd bs=1M count={Megabytes} iflag=fullblock 2>/dev/null | md5sum");
        Assert.That(sum.Text.Split('\n')[0], Is.EqualTo(sum.Text.Split('\n')[1]), "what it has written is right");
    }

    [Test]
    public async Task HostDisk_Full_StopStartAndDeleteWork()
    {
        var sandbox = await BootAsync();
        var name = sandbox.Metadata.Name;
        await FillAsync(sandbox);
        await PausedAsync(name);

        var stopped = await Gateway.Client.StopSandboxAsync(new StopSandboxRequest { WorkspaceScope = Scope.Default, Name = name });
        Assert.That(stopped.Sandbox.Status.Phase, Is.EqualTo(SandboxPhase.Stopped));
        var start = await Assert.ThrowsAsync<RpcException>(async () => await Gateway.Client.StartSandboxAsync(new StartSandboxRequest { WorkspaceScope = Scope.Default, Name = name }));
        Assert.That(start!.StatusCode, Is.EqualTo(StatusCode.ResourceExhausted));
        Assert.That((await Gateway.Client.GetSandboxAsync(new GetSandboxRequest { WorkspaceScope = Scope.Default, Name = name })).Sandbox.Status.Phase, Is.EqualTo(SandboxPhase.Stopped));

        Assert.That((await Gateway.Client.DeleteSandboxAsync(new DeleteSandboxRequest { WorkspaceScope = Scope.Default, Name = name })).Outcome, Is.EqualTo(DeletionOutcome.Completed));

        Assert.That(System.IO.Directory.EnumerateFileSystemEntries(Path.Combine(DriverState, "sandboxes")), Is.Empty);
        Assert.That((await Gateway.Client.ListSandboxesAsync(new ListSandboxesRequest { WorkspaceScope = Scope.Default })).Sandboxes, Is.Empty);
        await BootAsync();
    }

    private static SandboxCondition Ready(Sandbox sandbox) => sandbox.Status.Conditions.Single(c => c.Type == "Ready");

    private static async Task RunAsync(string program, params string[] arguments)
    {
        using var process = System.Diagnostics.Process.Start(program, arguments);
        await process.WaitForExitAsync();
        Assert.That(process.ExitCode, Is.Zero, $"{program} {string.Join(' ', arguments)}");
    }

    // In the background: the command ends when the machine goes on.
    private Task FillAsync(Sandbox sandbox) => ShellAsync(
        sandbox,
        $"(yes 0123456789abcde | dd of=/root/big bs=1M count={Megabytes} iflag=fullblock conv=fsync; echo $? > /root/done) </dev/null >/dev/null 2>&1 &");

    private async Task<Sandbox> PausedAsync(string name)
    {
        Sandbox? found = null;
        await Eventually.BecomesTrueAsync(
            async () => Ready(found = (await Gateway.Client.GetSandboxAsync(new GetSandboxRequest { WorkspaceScope = Scope.Default, Name = name })).Sandbox).Reason == "HostDiskFull",
            () => $"the sandbox says that the host's disk is full; it says {found?.Status}");
        return found!;
    }
}
