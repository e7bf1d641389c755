using Grpc.Core;
using OpenShell.Protocol.V1;
using OpenShell.TestKit;

namespace OpenShell.Functional;

/// <summary>The main process of a sandbox and its clients.</summary>
public sealed class AttachTests : FunctionalTest
{
    [Test]
    public async Task Attach_LateClient_SeesWhatWasSaidAndThenWhatIsSaid()
    {
        var sandbox = await CreateAsync(tty: false, "/bin/sh", "-c", "echo before; while read line; do echo \"got $line\"; done; exit 5");
        await using var client = await AttachAsync(sandbox);
        Assert.That((client.Attached.InputOwner, client.Attached.Terminal), Is.EqualTo((true, false)));
        await client.SaysAsync("before\n");

        await client.TypeAsync("one\n");
        await client.SaysAsync("before\ngot one\n");
        await client.EndInputAsync();

        Assert.That((await client.EndsAsync()).ExitCode, Is.EqualTo(5));
    }

    [Test]
    public async Task Attach_TwoClients_OneHasTheInputAndBothSeeAll()
    {
        var sandbox = await CreateAsync(tty: false, "/bin/sh", "-c", "while read line; do echo \"got $line\"; done; exit 0");
        await using var owner = await AttachAsync(sandbox);
        await using var other = await AttachAsync(sandbox);
        Assert.That((owner.Attached.InputOwner, other.Attached.InputOwner), Is.EqualTo((true, false)));

        await other.TypeAsync("dropped\n");
        await owner.TypeAsync("one\n");

        await owner.SaysAsync("got one\n");
        await other.SaysAsync("got one\n");
        await owner.EndInputAsync();
        Assert.That((await owner.EndsAsync()).ExitCode, Is.Zero);
        Assert.That((await other.EndsAsync()).ExitCode, Is.Zero);
    }

    [Test]
    public async Task Attach_OwnerGoes_TheProcessStaysAndTheNextOneHasTheInput()
    {
        var sandbox = await CreateAsync(tty: false, "/bin/sh", "-c", "echo up; while read line; do echo \"got $line\"; done");
        int pid;
        await using (var first = await AttachAsync(sandbox))
        {
            await first.SaysAsync("up\n");
            pid = first.Attached.Pid;
        }

        await Eventually.BecomesTrueAsync(
            async () =>
            {
                await using var next = await AttachAsync(sandbox);
                return next.Attached.InputOwner && next.Attached.Pid == pid;
            },
            () => "the input is free again");
        await using var last = await AttachAsync(sandbox, readOnly: true);
        Assert.That(last.Attached.InputOwner, Is.False);
        await last.SaysAsync("up\n");
    }

    [Test]
    public async Task Attach_Terminal_HasTheOwnersSizeAndSignals()
    {
        var sandbox = await CreateAsync(tty: true, "/bin/sh", "-c", "read line; stty size; read line; stty size; trap 'echo winch' WINCH; trap 'exit 7' INT; echo ready; while :; do sleep 0.05; done");
        await using var owner = await AttachAsync(sandbox, cols: 100, rows: 30);
        Assert.That(owner.Attached.Terminal, Is.True);
        await owner.TypeAsync("\n");
        await owner.SaysAsync("30 100\r\n");

        await owner.SendAsync(new ExecSandboxInput { Resize = new ExecSandboxWindowResize { Cols = 120, Rows = 40 } });
        await owner.TypeAsync("\n");
        await owner.SaysAsync("40 120\r\n");
        await owner.SaysAsync("ready\r\n");

        await owner.TypeAsync("\x03");
        Assert.That((await owner.EndsAsync()).ExitCode, Is.EqualTo(7));
    }

    [TestCase("exit 0", 0)]
    [TestCase("exit 3", 3)]
    [TestCase("kill -KILL $$", 137)]
    public async Task Attach_AfterTheEnd_StillHasTheOutputAndTheExit(string end, int code)
    {
        var sandbox = await CreateAsync(tty: false, "/bin/sh", "-c", $"echo all of it; {end}");
        await ExitIsKnownAsync(sandbox, code);

        await using var late = await AttachAsync(sandbox);

        Assert.That((await late.EndsAsync()).ExitCode, Is.EqualTo(code));
        Assert.That(late.Said, Is.EqualTo("all of it\n"));
    }

    [Test]
    public async Task Attach_ProgramDoesNotExist_127WithReason()
    {
        var sandbox = await CreateAsync(tty: false, "no-such-program");
        await ExitIsKnownAsync(sandbox, 127);

        var outcome = await Gateway.ExecAsync(new ExecSandboxRequest { WorkspaceScope = Scope.Default, Sandbox = sandbox.Metadata.Name, Attach = new MainProcessAttach() });

        Assert.That(outcome.Exit!.ExitCode, Is.EqualTo(127));
        Assert.That(outcome.ErrorText, Does.Contain("no-such-program"));
    }

    [Test]
    public async Task Exec_SandboxOfAFailedMainProcess_FailedPrecondition()
    {
        var sandbox = await CreateAsync(tty: false, "false");
        await ExitIsKnownAsync(sandbox, 1);
        var e = await Assert.ThrowsAsync<RpcException>(
            async () => await Gateway.ExecAsync(new ExecSandboxRequest { WorkspaceScope = Scope.Default, Sandbox = sandbox.Metadata.Name, Command = { "true" } }));
        Assert.That((e!.StatusCode, e.Status.Detail), Is.EqualTo((StatusCode.FailedPrecondition, "sandbox is not ready (phase Error)")));
    }

    [Test]
    public async Task Exec_Detached_OutlivesItsCallAndSaysOnlyThatItRuns()
    {
        var sandbox = await Gateway.CreateReadyAsync();
        var path = Directory.File("written");
        var request = new ExecSandboxRequest
        {
            WorkspaceScope = Scope.Default,
            Sandbox = sandbox.Metadata.Name,
            Command = { "/bin/sh", "-c", $"cat; echo out; echo written >{path}; exec sleep 1000" },
            Detached = true,
        };

        var outcome = await Gateway.ExecAsync(request);

        Assert.That((outcome.Exit!.ExitCode, outcome.Text), Is.EqualTo((0, "")));
        await Eventually.BecomesTrueAsync(() => File.Exists(path), "the command went on after its call");
        Assert.That(Driver.Service.Machine(sandbox.Metadata.Id).Children, Is.Not.Empty);
    }

    private async Task<Sandbox> CreateAsync(bool tty, params string[] command) => (await Gateway.Client.CreateSandboxAsync(
        new CreateSandboxRequest { WorkspaceScope = Scope.Default, Spec = new SandboxSpec { Command = { command }, Tty = tty } })).Sandbox;

    private Task<AttachedClient> AttachAsync(Sandbox sandbox, bool readOnly = false, uint cols = 0, uint rows = 0) => AttachedClient.OpenAsync(
        Gateway,
        sandbox.Metadata.Name,
        new ExecSandboxRequest { WorkspaceScope = Scope.Default, Sandbox = sandbox.Metadata.Name, Attach = new MainProcessAttach { ReadOnly = readOnly }, Cols = cols, Rows = rows });

    private Task ExitIsKnownAsync(Sandbox sandbox, int code) => Eventually.BecomesTrueAsync(
        async () =>
        {
            var status = (await Gateway.Client.GetSandboxAsync(new GetSandboxRequest { WorkspaceScope = Scope.Default, Name = sandbox.Metadata.Name })).Sandbox.Status;
            return status is { HasExitCode: true } && status.ExitCode == code
                && status.Phase == (code == 0 ? SandboxPhase.Completed : SandboxPhase.Error);
        },
        () => $"the main process is known to have ended with {code}\n{Gateway.Log}");
}
