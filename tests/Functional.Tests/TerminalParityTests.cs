using OpenShell.TestKit;

namespace OpenShell.Functional;

/// <summary>The terminal that exec and shell make is the one that ssh makes, for the same terminal here.</summary>
public sealed class TerminalParityTests : FunctionalTest
{
    private const string Look = "stty -a; echo term=$TERM colors=$COLORTERM lang=$LANG time=$LC_TIME own=$LC_OWN_7";

    [TestCase("iutf8")]
    [TestCase("-iutf8 erase ^H intr ^X -ixon ixany -echoctl olcuc tostop")]
    [TestCase("sane iutf8 quit undef susp undef werase ^Y -icrnl")]
    public async Task Terminal_OfExecAndShell_EqualsThatOfSsh(string modes)
    {
        var name = (await Gateway.CreateReadyAsync()).Metadata.Name;
        // On a terminal of script(1), which has the modes again each time; at the end of its input it would type something.
        var outcome = await CliProcess.ScriptAsync(
            Gateway,
            Directory,
            """
            cd "$4"
            export TERM=vt220 COLORTERM=truecolor LANG=de_DE.UTF-8 LC_TIME=C LC_OWN_7=x NAME=$1 LOOK=$3 MODES=$2
            mkfifo never-ends && exec 3<>never-ends
            try() { script -qec "stty sane cols 91 rows 37 $MODES; $2" /dev/null <&3 | tr -d '\r' >"$1"; }
            try ssh 'openshell sandbox connect $NAME -- "$LOOK"'
            try exec 'openshell sandbox exec -t $NAME -- sh -c "$LOOK"'
            cat ssh
            diff ssh exec
            """,
            name,
            modes,
            Look,
            Directory.Path);

        Assert.That(outcome.ExitCode, Is.Zero, outcome.Text + outcome.Error);
        Assert.That(
            outcome.Text,
            Does.Contain("rows 37; columns 91;").IgnoreCase.And.Contain("term=vt220 colors=truecolor lang=de_DE.UTF-8 time=C own=x").IgnoreCase);
    }

    [Test]
    public async Task MainProcess_OnATerminal_HasUtf8()
    {
        var outcome = await CliProcess.ScriptAsync(
            Gateway, Directory, "script -qec 'openshell sandbox create --name main --tty -- stty -a' /dev/null");

        Assert.That(outcome.Text, Does.Match(@"\siutf8"), outcome.Error);
    }
}
