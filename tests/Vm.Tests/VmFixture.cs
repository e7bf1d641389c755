using OpenShell.Protocol.V1;
using OpenShell.TestKit;

namespace OpenShell.Vm;

/// <summary>A real gateway with its own real driver; machines boot under QEMU.</summary>
public abstract class VmFixture
{
    /// <summary>A machine that is emulated boots in ten seconds when it has a core to itself.</summary>
    protected static readonly TimeSpan BootTimeout = TimeSpan.FromMinutes(5);

    protected TestDirectory Directory { get; private set; } = null!;

    protected GatewayProcess Gateway { get; set; } = null!;

    protected string DriverState => Directory.File("vm");

    /// <summary>The gateway's options beside those that every test needs.</summary>
    protected virtual string[] GatewayArguments => [];

    /// <summary>Makes what the gateway's options name.</summary>
    protected virtual Task PrepareAsync() => Task.CompletedTask;

    /// <summary>Takes back what <see cref="PrepareAsync"/> did, before the directory is removed.</summary>
    protected virtual Task CleanUpAsync() => Task.CompletedTask;

    /// <summary>Starts the gateway, in a directory of its own.</summary>
    protected async Task StartAllAsync()
    {
        Directory = new TestDirectory();
        await PrepareAsync();
        Gateway = await StartGatewayAsync();
    }

    /// <summary>Stops it, and fails if anything of it is left.</summary>
    protected async Task StopAllAsync()
    {
        try
        {
            await Gateway.DisposeAsync();
            await HostProcesses.AssertNoneAsync(Directory.Path);
        }
        finally
        {
            await HostProcesses.RunAsync("openshell-driver-vm", "cleanup", "--state-dir", DriverState);
            await CleanUpAsync();
            Directory.Dispose();
        }
    }

    protected Task<GatewayProcess> StartGatewayAsync() =>
        GatewayProcess.StartAsync(Directory, ["--driver-state-dir", DriverState, "--log-level", "debug", .. GatewayArguments]);

    /// <summary>Creates a sandbox and waits until it has booted.</summary>
    protected async Task<Sandbox> BootAsync(SandboxSpec? spec = null)
    {
        var created = await Gateway.Client.CreateSandboxAsync(new CreateSandboxRequest { WorkspaceScope = Scope.Default, Spec = spec ?? new SandboxSpec() });
        return await Gateway.WaitForPhaseAsync(created.Sandbox.Metadata.Name, SandboxPhase.Ready, BootTimeout);
    }

    /// <summary>Runs a shell script in a sandbox.</summary>
    protected Task<ExecOutcome> ShellAsync(Sandbox sandbox, string script) => Gateway.ExecAsync(new ExecSandboxRequest
    {
        WorkspaceScope = Scope.Default,
        Sandbox = sandbox.Metadata.Name,
        Command = { "/bin/sh", "-c", script },
    });

    /// <summary>The QEMU process of a sandbox.</summary>
    protected static int QemuPid(Sandbox sandbox) =>
        HostProcesses.Find($"-name openshell-{sandbox.Metadata.Id}").Single();
}
