using Grpc.Core;
using OpenShell.Protocol.Sandbox.V1;
using OpenShell.Protocol.V1;
using OpenShell.TestKit;

namespace OpenShell.Functional;

/// <summary>A policy on its way from the request into the processes of the sandbox.</summary>
public sealed class PolicyTests : FunctionalTest
{
    [Test]
    public async Task Create_BadPolicy_InvalidArgumentAndNothingIsMade()
    {
        var policy = new SandboxPolicy { Filesystem = new FilesystemPolicy { ReadWrite = { "/" } } };
        var e = await Assert.ThrowsAsync<RpcException>(async () => await Gateway.CreateReadyAsync(new SandboxSpec { Policy = policy }));
        Assert.That(e!.StatusCode, Is.EqualTo(StatusCode.InvalidArgument));
        Assert.That(e.Status.Detail, Does.Contain("policy.filesystem.read_write"));
        Assert.That((await Gateway.Client.ListSandboxesAsync(new ListSandboxesRequest { WorkspaceScope = Scope.Default })).Sandboxes, Is.Empty);
    }

    [Test]
    public async Task Exec_Policy_ConfinesAndSaysWhoRuns()
    {
        var policy = new SandboxPolicy { Version = 1, Process = new ProcessPolicy { RunAsUser = "nobody" } };
        var sandbox = await Gateway.CreateReadyAsync(new SandboxSpec { Policy = policy });
        Assert.That(sandbox.Spec.Policy, Is.EqualTo(policy), "it comes back as it was asked for");

        var outcome = await ShellAsync(sandbox, "grep -E '^(NoNewPrivs|Seccomp):' /proc/self/status; id -un");

        Assert.That(outcome.Text, Is.EqualTo("NoNewPrivs:\t1\nSeccomp:\t2\nnobody\n"), outcome.ErrorText);
    }

    [Test]
    public async Task Exec_NoPolicy_AddsNothing()
    {
        var sandbox = await Gateway.CreateReadyAsync();
        var outcome = await ShellAsync(sandbox, "grep -E '^(NoNewPrivs|Seccomp):' /proc/self/status; grep -E '^(NoNewPrivs|Seccomp):' /proc/1/status");
        Assert.That(outcome.Text, Is.EqualTo("NoNewPrivs:\t0\nSeccomp:\t0\nNoNewPrivs:\t0\nSeccomp:\t0\n"));
    }

    // Whether this host's kernel has Landlock is not ours to say: with it the path is out of reach, without it nothing starts.
    [Test]
    public async Task Exec_HardRequirement_IsEnforcedOrRefusedButNeverIgnored()
    {
        var sandbox = await Gateway.CreateReadyAsync(Files("hard_requirement"));
        // Not below /tmp, which every program needs.
        var path = $"/var/tmp/openshell-out-of-reach-{Guid.NewGuid():N}";

        var outcome = await ShellAsync(sandbox, $"echo x >{path}");

        Assert.That(File.Exists(path), Is.False);
        Assert.That(outcome.Exit!.ExitCode, Is.Not.Zero);
        Assert.That(outcome.ErrorText, Does.Contain("denied").Or.Contain("requires Landlock"));
    }

    [Test]
    public async Task Exec_BestEffort_AlwaysStarts()
    {
        var sandbox = await Gateway.CreateReadyAsync(Files("best_effort"));
        Assert.That((await ShellAsync(sandbox, "echo runs")).Text, Is.EqualTo("runs\n"));
    }

    private static SandboxSpec Files(string compatibility) => new()
    {
        Policy = new SandboxPolicy
        {
            Version = 1,
            Filesystem = new FilesystemPolicy { ReadOnly = { "/usr", "/etc", "/proc", "/dev" } },
            Landlock = new LandlockPolicy { Compatibility = compatibility },
        },
    };

    private Task<ExecOutcome> ShellAsync(Sandbox sandbox, string script) =>
        Gateway.ExecAsync(new ExecSandboxRequest { WorkspaceScope = Scope.Default, Sandbox = sandbox.Metadata.Name, Command = { "/usr/bin/sh", "-c", script } });
}
