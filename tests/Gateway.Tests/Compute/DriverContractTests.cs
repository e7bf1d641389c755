using OpenShell.Gateway.Races;
using OpenShell.Gateway.Sandboxes;
using OpenShell.Gateway.SshAccess;
using OpenShell.Protocol.Outcomes;
using OpenShell.Protocol.Peers;

namespace OpenShell.Gateway.Compute;

/// <summary>A driver that is not ours, and one that this gateway cannot work with.</summary>
internal sealed class DriverContractTests : RaceTest
{
    [Test]
    public async Task Start_DriverTakesStartTokens_EachBootHasATokenOfItsOwn()
    {
        await Gateway.AddSandboxAsync(phase: SandboxPhase.Stopped);

        await Gateway.Lifecycle.StartAsync(await Gateway.GetAsync(), CancellationToken.None);

        Assert.That((await Gateway.GetAsync()).BootEpoch, Is.EqualTo(2));
        Assert.That(Gateway.Driver.StartToken, Is.Not.Empty);
    }

    [Test]
    public async Task Start_DriverTakesNoStartTokens_SandboxKeepsItsBootEpochAndItsSupervisorComesBack()
    {
        Gateway.Driver.Capabilities.Extension.SupportedCapabilities.Remove(ComputeContract.StartToken);
        await Gateway.AddSandboxAsync();
        await Gateway.ConnectAsync();
        Assert.That(
            (await Gateway.Lifecycle.StopAsync(await Gateway.GetAsync(), force: false, CancellationToken.None)).Succeeded(out _, out var failure), Is.True, failure?.Message);

        await Gateway.Lifecycle.StartAsync(await Gateway.GetAsync(), CancellationToken.None);

        Assert.That(((await Gateway.GetAsync()).BootEpoch, Gateway.Driver.StartToken), Is.EqualTo((1, "")));
        await Gateway.ConnectAsync(instance: "boot-2");
    }

    // Reference 4.9: SSH sessions of the runtime before are invalid.
    [TestCase(true)]
    [TestCase(false)]
    public async Task Start_WhateverTheDriverTakes_SshSessionsOfTheRunBeforeAreInvalid(bool takesStartTokens)
    {
        if (!takesStartTokens)
        {
            Gateway.Driver.Capabilities.Extension.SupportedCapabilities.Remove(ComputeContract.StartToken);
        }

        await Gateway.AddSandboxAsync(phase: SandboxPhase.Ready);
        var access = new SshAccessOptions();
        var tokens = new SshAccessTokens(Gateway.Access, Gateway.Directory, Gateway.Sessions, new AccessLeases(access), access, Gateway.Time);
        Assert.That((await tokens.CreateAsync(await Gateway.GetAsync(), CancellationToken.None)).Succeeded(out var grant, out _), Is.True);
        await Gateway.Lifecycle.StopAsync(await Gateway.GetAsync(), force: false, CancellationToken.None);
        await Gateway.Lifecycle.StartAsync(await Gateway.GetAsync(), CancellationToken.None);

        var refusal = await tokens.CheckAsync(grant!.Token, await Gateway.GetAsync(), CancellationToken.None);

        Assert.That(refusal?.Message, Is.EqualTo("SSH session token is not valid"));
        Assert.That((await Gateway.GetAsync()).Run, Is.EqualTo(2));
    }

    [Test]
    public async Task Calls_DriverWithoutMetadata_AreRefusedWithAdvice()
    {
        Gateway.Driver.Capabilities.Extension = null;

        await AssertRefusedAsync("the compute driver 'fake' 1 does not say which version of the compute contract it speaks");
        Assert.That(Gateway.Driver.Calls, Is.Empty, "it is asked for nothing else");
    }

    [Test]
    public async Task Calls_DriverWithAPolicyOfAdmission_AreRefusedByItsName()
    {
        Gateway.Driver.Capabilities.ResourceAdmissionPolicy = "strict";

        await AssertRefusedAsync("the compute driver 'fake' 1 has the resource_admission_policy 'strict'");
    }

    [Test]
    public async Task Calls_DriverThatReportsReadiness_AreRefusedByTheFieldsName()
    {
        Gateway.Driver.Capabilities.DriverReportsRuntimeReadiness = true;

        await AssertRefusedAsync("the compute driver 'fake' 1 sets driver_reports_runtime_readiness");
    }

    [Test]
    public async Task Info_DriverThatAuthenticatesSandboxes_HasAWarning()
    {
        Gateway.Driver.Capabilities.SupportsSandboxAuthentication = true;

        Assert.That((await Gateway.Client.GetInfoAsync(CancellationToken.None)).Succeeded(out var info, out _), Is.True);
        Assert.That(info!.Warnings.Single(), Does.Contain("supports_sandbox_authentication"));
    }

    private async Task AssertRefusedAsync(string text)
    {
        Assert.That((await Gateway.Client.ListAsync(CancellationToken.None)).Succeeded(out _, out var failure), Is.False);
        Assert.That(failure!.Kind, Is.EqualTo(FailureKind.FailedPrecondition));
        Assert.That(failure.Message, Does.StartWith(text));
    }
}
