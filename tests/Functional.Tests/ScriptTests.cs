using OpenShell.TestKit;

namespace OpenShell.Functional;

/// <summary>The command line as scripts use it: in loops, in the background, and without a home.</summary>
public sealed class ScriptTests : FunctionalTest
{
    private string _name = "";

    [SetUp]
    public async Task CreateAsync() => _name = (await Gateway.CreateReadyAsync()).Metadata.Name;

    [TearDown]
    public async Task StopForwardsAsync() => await CliProcess.RunAsync(Gateway, Directory, [], "forward", "stop", "--all");

    // A file as input stays where the command has left it, and that is where the loop goes on.
    [TestCase("true", "1 2 3 4 ")]
    [TestCase("sh -c 'head -c 2 >/dev/null'", "1 3 ")]
    [TestCase("sh -c 'exec </dev/null; sleep 0.2'", "1 2 3 4 ")]
    [TestCase("cat", "1 2\n3\n4\n")]
    [TestCase("no-such-program", "1 2 3 4 ")]
    public async Task Exec_InALoopOverAFile_TakesNoMoreThanTheCommandRead(string command, string expected)
    {
        var outcome = await RunAsync($"printf '1\\n2\\n3\\n4\\n' >list; while read -r line; do printf '%s ' \"$line\"; openshell sandbox exec \"$1\" -- {command}; done <list");

        Assert.That(outcome.Text, Is.EqualTo(expected), outcome.Error);
    }

    [Test]
    public async Task Exec_GatewayRefuses_TakesNothing()
    {
        var outcome = await RunAsync("printf '1\\n2\\n' >list; while read -r line; do printf '%s ' \"$line\"; openshell sandbox exec no-such-sandbox -- cat; done <list");

        Assert.That(outcome.Text, Is.EqualTo("1 2 "));
    }

    [Test]
    public async Task Exec_NoStdinInALoopOverAPipe_TakesNothing()
    {
        var outcome = await RunAsync("seq 3 | while read -r line; do printf '%s ' \"$line\"; openshell sandbox exec --no-stdin \"$1\" -- cat; done");

        Assert.That((outcome.Text, outcome.ExitCode), Is.EqualTo(("1 2 3 ", 0)), outcome.Error);
    }

    [Test]
    public async Task Exec_TimeIsUp_SaysSo()
    {
        var outcome = await RunAsync("openshell sandbox exec --timeout 1 \"$1\" -- sleep 1000");

        Assert.That(outcome.ExitCode, Is.EqualTo(124));
        Assert.That(outcome.Error, Does.Contain("ended because its time was up (1 s, --timeout)"));
    }

    [TestCase("-d")]
    [TestCase("--detach")]
    [TestCase("--background")]
    public async Task Forward_InTheBackground_ReturnsAndSaysWhatRuns(string option)
    {
        var outcome = await RunAsync($"openshell forward start {option} \"$1\" 0:1; openshell forward list -o json");

        Assert.That(outcome.ExitCode, Is.Zero, outcome.Error);
        Assert.That(outcome.Text, Does.Match(@"^Forwarding 127\.0\.0\.1:(\d+) -> \S+ localhost:1 \(process (\d+);[^\[]*\[[^\]]*""port"": \1,[^\]]*""pid"": \2"));
    }

    // Under /proc nothing can be made, by whoever it is.
    [TestCase("export HOME=/proc/no-home; unset XDG_CONFIG_HOME XDG_STATE_HOME XDG_RUNTIME_DIR", "/proc/no-home")]
    [TestCase("unset HOME; export XDG_CONFIG_HOME=/proc/c XDG_STATE_HOME=/proc/s XDG_RUNTIME_DIR=/proc/r", "/proc/")]
    public async Task Home_CannotBeWritten_StopsOnlyWhatNeedsIt(string environment, string path)
    {
        var outcome = await RunAsync(
            environment + """

            set -e
            openshell status
            openshell sandbox list
            openshell sandbox get "$1"
            openshell sandbox exec "$1" -- true
            openshell sandbox shell "$1" </dev/null
            openshell logs "$1" >/dev/null
            openshell forward list
            openshell gateway list
            echo content >file; mkdir -p in
            openshell sandbox upload "$1" file "$PWD/in/"
            openshell sandbox download "$1" "$PWD/in/file" back
            openshell __complete -- sandbox exec "" >/dev/null
            openshell sandbox create --name second -- true
            openshell sandbox delete second
            """);
        Assert.That(outcome.ExitCode, Is.Zero, outcome.Text + outcome.Error);

        foreach (var command in new[] { "sandbox connect $1 -- true", "forward start -d $1 0:1", "gateway add http://127.0.0.1:1", "sandbox ssh-config --install $1" })
        {
            var refused = await RunAsync($"{environment}\nopenshell {command}");
            Assert.That(refused.ExitCode, Is.AnyOf(1, 255), command);
            Assert.That(refused.Error, Does.Contain(path).And.Not.Contain("   at "), command);
        }
    }

    private Task<CliOutcome> RunAsync(string script) => CliProcess.ScriptAsync(Gateway, Directory, $"cd '{Directory.Path}'\n{script}", _name);
}
