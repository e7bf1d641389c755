using System.Globalization;
using Grpc.Core;
using OpenShell.Protocol.V1;
using OpenShell.TestKit;

namespace OpenShell.Functional;

/// <summary>Processes that are killed, stopped, or run out of descriptors.</summary>
public sealed class ProcessFaultTests : FaultTest
{
    [Test]
    public async Task Supervisor_Killed_CallsEndAndNothingLeaks()
    {
        var before = await DescriptorsAsync();
        using var call = Gateway.Client.ExecSandbox(Request("/bin/sh", "-c", "echo started; exec sleep 1000"));
        await ExecOutcome.FirstOutputAsync(call.ResponseStream);

        Machine.Kill();

        var e = await Assert.ThrowsAsync<RpcException>(
            async () => await Eventually.EndsAsync(ExecOutcome.ReadAsync(call.ResponseStream, default), "the call"));
        Assert.That(e!.StatusCode, Is.EqualTo(StatusCode.Unavailable));
        await BecomesAsync(SandboxPhase.Provisioning);
        await ReturnsToAsync(before.Gateway);
    }

    [Test]
    public async Task Gateway_Killed_ProcessOfTheExecEndsAndSandboxComesBack()
    {
        var before = await DescriptorsAsync();
        using var call = Gateway.Client.ExecSandbox(Request("/bin/sh", "-c", "echo $$; exec sleep 1000"));
        var pid = (await ExecOutcome.FirstOutputAsync(call.ResponseStream)).Trim();

        var reading = ExecOutcome.ReadAsync(call.ResponseStream, default);
        await Gateway.KillAsync();
        await Assert.ThrowsAsync<RpcException>(async () => await Eventually.EndsAsync(reading, "the call"));

        await RestartGatewayAsync();

        await RecoversAsync();
        await Eventually.BecomesTrueAsync(
            async () => (await Gateway.ExecAsync(Request("test", "-d", $"/proc/{pid}"))).Exit!.ExitCode == 1,
            () => $"process {pid} of the sandbox is gone");
        await ReturnsToAsync(before.Supervisor);
    }

    [Test]
    public async Task Supervisor_StoppedForLongerThanTheDeadline_IsNotReadyUntilItGoesOn()
    {
        var before = await DescriptorsAsync();
        Machine.Signal("STOP");
        var lost = await BecomesAsync(SandboxPhase.Provisioning);
        Assert.That(lost.Status.Conditions.Single(c => c.Type == "Ready").Reason, Is.EqualTo("SupervisorNotConnected"));
        Assert.That(Gateway.Log, Does.Contain("Silent"));

        Machine.Signal("CONT");

        await RecoversAsync();
        await ReturnsToAsync(before.Gateway, before.Supervisor);
    }

    [Test]
    public async Task Gateway_StoppedForLongerThanTheDeadline_SupervisorComesBack()
    {
        var before = await DescriptorsAsync();
        Gateway.Signal("STOP");
        try
        {
            await Eventually.BecomesTrueAsync(
                () => Machine.Console.Contains("fell silent", StringComparison.Ordinal), "the supervisor gives the session up");
        }
        finally
        {
            Gateway.Signal("CONT");
        }

        await RecoversAsync();
        await ReturnsToAsync(before.Gateway, before.Supervisor);
    }

    [Test]
    public async Task Supervisor_OutOfDescriptors_SaysSoAndRecovers()
    {
        var pid = Machine.SupervisorPid.ToString(CultureInfo.InvariantCulture);
        var enough = (await File.ReadAllLinesAsync($"/proc/{pid}/limits")).Single(l => l.StartsWith("Max open files", StringComparison.Ordinal))
            .Split(' ', StringSplitOptions.RemoveEmptyEntries)[3];
        // Below all that it has open: those stay, and no further one can be had.
        Run("prlimit", "--pid", pid, "--nofile=3:");

        var e = await Assert.ThrowsAsync<RpcException>(
            async () => await Eventually.EndsAsync(Gateway.ExecAsync(Request("true")), "an exec without descriptors"));

        Assert.That(e!.StatusCode, Is.AnyOf(StatusCode.Unavailable, StatusCode.ResourceExhausted));
        Assert.That(e!.Status.Detail, Does.Contain("open files").IgnoreCase);
        Run("prlimit", "--pid", pid, $"--nofile={enough}:");

        // Now the connection for the relay stands, and it is the process that cannot be had.
        var before = await DescriptorsAsync();
        Run("prlimit", "--pid", pid, "--nofile=3:");
        var outcome = await Eventually.EndsAsync(Gateway.ExecAsync(Request("true")), "another exec without descriptors");
        Assert.That(outcome.Exit!.ExitCode, Is.Not.Zero);
        Assert.That(outcome.ErrorText, Does.Contain("open files").IgnoreCase);
        Run("prlimit", "--pid", pid, $"--nofile={enough}:");
        await RecoversAsync();
        await ReturnsToAsync(before.Gateway, before.Supervisor);
    }

    [Test]
    public async Task Machine_LostByTheDriver_IsAnErrorUntilDeleted()
    {
        Driver.Service.Lose(Id);

        var failed = await BecomesAsync(SandboxPhase.Error);

        Assert.That(failed.Status.Conditions.Single(c => c.Type == "Ready").Reason, Is.EqualTo("ComputeResourceMissing"));
        await Gateway.Client.DeleteSandboxAsync(new DeleteSandboxRequest { WorkspaceScope = Scope.Default, Name = Name });
    }

    [Test]
    public async Task MainProcess_ExitsWithFive_IsAnErrorThatSaysSo()
    {
        var created = await Gateway.Client.CreateSandboxAsync(
            new CreateSandboxRequest { WorkspaceScope = Scope.Default, Spec = new SandboxSpec { Command = { "/bin/sh", "-c", "exit 5" } } });

        var failed = await Gateway.WaitForPhaseAsync(created.Sandbox.Metadata.Name, SandboxPhase.Error);

        Assert.That((failed.Status.HasExitCode, failed.Status.ExitCode), Is.EqualTo((true, 5)));
        Assert.That(failed.Status.Conditions.Single(c => c.Type == "Ready").Reason, Is.EqualTo("MainProcessFailed"));
    }
}
