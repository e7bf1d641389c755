using Grpc.Core;
using OpenShell.Protocol.V1;
using OpenShell.TestKit;

namespace OpenShell.Functional;

/// <summary>A disk without room under the database. Needs root, for a file system of its own.</summary>
public sealed class DiskFaultTests : FaultTest
{
    private string Disk => Directory.File("disk");

    protected override string[] GatewayArguments => ["--heartbeat-interval", "1", "--db-url", $"sqlite:{Disk}/openshell.db"];

    protected override Task<HostDriver> StartDriverAsync()
    {
        System.IO.Directory.CreateDirectory(Disk);
        Run("mount", "-t", "tmpfs", "-o", "size=40m,mode=0700", "tmpfs", Disk);
        return base.StartDriverAsync();
    }

    [TearDown]
    public async Task UnmountAsync()
    {
        await Gateway.StopAsync();
        Run("umount", "--lazy", Disk);
    }

    [Test]
    public async Task Disk_Full_NewSandboxesAreRefusedUntilThereIsRoom()
    {
        Gateway.ExpectedErrors.Add("the disk is full");
        var filler = Path.Combine(Disk, "filler");
        await FillAsync(filler, () => File.Exists($"{Disk}/openshell.db.reserve"));

        var e = await Assert.ThrowsAsync<RpcException>(async () =>
        {
            // What the database has reserved already still takes a few rows.
            for (var i = 0; i < 1000; i++)
            {
                await Gateway.Client.CreateSandboxAsync(new CreateSandboxRequest
                {
                    WorkspaceScope = Scope.Default,
                    Spec = new SandboxSpec(),
                    Annotations = { ["filler"] = new string('x', 8 * 1024) },
                });
            }
        });
        Assert.That(e!.StatusCode, Is.EqualTo(StatusCode.ResourceExhausted));
        Assert.That(e!.Status.Detail, Does.Contain("the disk is full"));
        Assert.That(
            (await Gateway.Client.GetSandboxAsync(new GetSandboxRequest { WorkspaceScope = Scope.Default, Name = Name })).Sandbox.Metadata.Id, Is.EqualTo(Id), "reading goes on");

        File.Delete(filler);

        var created = await Gateway.Client.CreateSandboxAsync(new CreateSandboxRequest { WorkspaceScope = Scope.Default, Spec = new SandboxSpec(), Name = "room-again" });
        await Gateway.WaitForPhaseAsync(created.Sandbox.Metadata.Name, SandboxPhase.Ready);
        await RecoversAsync();
    }

    // All that exists can be brought to its end, with nothing freed before: there is space for that.
    [Test]
    public async Task Disk_Full_StopAndDeleteWork()
    {
        Gateway.ExpectedErrors.Add("the disk is full");
        await FillAsync(Path.Combine(Disk, "filler"), () => File.Exists($"{Disk}/openshell.db.reserve"));

        var stopped = await Gateway.Client.StopSandboxAsync(new StopSandboxRequest { WorkspaceScope = Scope.Default, Name = Name });
        Assert.That(stopped.Sandbox.Status.Phase, Is.EqualTo(SandboxPhase.Stopped));
        await RestartGatewayAsync();
        Assert.That((await Gateway.Client.DeleteSandboxAsync(new DeleteSandboxRequest { WorkspaceScope = Scope.Default, Name = Name })).Outcome, Is.EqualTo(DeletionOutcome.Completed));

        Assert.That(Driver.Service.Count, Is.Zero);
        Assert.That((await Gateway.Client.ListSandboxesAsync(new ListSandboxesRequest { WorkspaceScope = Scope.Default })).Sandboxes, Is.Empty);
    }

    private static async Task FillAsync(string path, Func<bool> hasReserve)
    {
        await Eventually.BecomesTrueAsync(hasReserve, "the gateway has its reserve");
        await using var file = File.Create(path, bufferSize: 0);
        try
        {
            while (true)
            {
                await file.WriteAsync(new byte[4096]);
            }
        }
        catch (IOException)
        {
            // Full.
        }
    }
}
