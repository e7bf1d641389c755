using OpenShell.Protocol.V1;
using OpenShell.TestKit;

namespace OpenShell.Functional;

/// <summary>The real command line makes sandboxes and workspaces, in scripts: what is there afterwards.</summary>
public sealed class CreateTests : FunctionalTest
{
    [TearDown]
    public async Task StopForwardsAsync() => await CliProcess.RunAsync(Gateway, Directory, [], "forward", "stop", "--all");

    [Test]
    public async Task Create_UploadAndForward_AreThereAfterwards()
    {
        var outcome = await RunAsync("""
            mkdir -p project/deep && echo hello >project/deep/file && echo secret >project/ignored && echo ignored >project/.gitignore && git init -q project
            openshell sandbox create --name made --detach --upload "project:$PWD/in" --upload "project/deep/file:$PWD/in2" --forward 0:1 2>said || cat said >&2
            (cd in && find project -path project/.git -prune -o -type f -print | sort) && cat in2/file
            openshell forward list -o json | grep -c '"sandbox": "made"'
            openshell sandbox get | grep -e ^Phase -e '^Command'
            """);

        Assert.That(outcome.Text, Does.Match(
            @"^Created sandbox: made\nForwarding 127\.0\.0\.1:\d+ -> made localhost:1 .*\nproject/\.gitignore\nproject/deep/file\nhello\n1\nPhase: Ready\nCommand: login shell\n$"), outcome.Error);
    }

    [Test]
    public async Task Workspace_OfItsOwn_HasItsOwnSandboxes()
    {
        var outcome = await RunAsync("""
            export OPENSHELL_WORKSPACE=dev
            openshell sandbox list 2>&1; echo $?
            openshell workspace create --name dev --label team=red 2>&1
            openshell sandbox create --name box -- true && openshell sandbox create --workspace default --name box --detach -o json | grep '"workspace"'
            openshell sandbox list --names && openshell sandbox get box | grep -e ^Workspace
            openshell workspace delete dev 2>&1; echo $?
            openshell sandbox delete box gone 2>&1; echo $?
            openshell workspace delete dev 2>&1; echo $?
            openshell sandbox list --workspace default --names
            """);

        Assert.That(outcome.Text, Does.Match(
            """
            ^error: workspace 'dev' not found.*
            3
            ✓ Created workspace dev
            Created sandbox: box
              "workspace": "default",
            box
            Workspace: dev
            error: .*workspace 'dev' still contains.*
            1
            ✓ Deleted sandbox box
            ! Sandbox gone not found
            0
            ✓ Deleted workspace dev
            0
            box
            $
            """.TrimEnd()), outcome.Error);
    }

    [Test]
    public async Task ListAndGet_MainProcessHasFailed_SayHow()
    {
        Assert.That((await RunAsync("openshell sandbox create --name box -- sh -c 'exit 3'")).ExitCode, Is.EqualTo(3));
        await Gateway.WaitForPhaseAsync("box", SandboxPhase.Error);

        var outcome = await RunAsync("""
            openshell sandbox list | sed -E 's/ +/ /g; s/ [0-9]+s / AGE /'
            openshell sandbox get box | grep -e ^Phase -e '^Exit code' -e '^Restart policy' -e '^Host key'
            """);

        Assert.That(outcome.Text, Does.Match(
            @"^NAME PHASE AGE RESTARTS IMAGE COMMAND REASON\nbox Error AGE 0 \S+ sh -c exit 3 MainProcess\w+ \(3\)\nPhase: Error\nExit code: 3\nRestart policy: never\n"),
            outcome.Error);
    }

    private Task<CliOutcome> RunAsync(string script) => CliProcess.ScriptAsync(Gateway, Directory, "cd \"$1\"; " + script, Directory.Path);
}
