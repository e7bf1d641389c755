using System.Diagnostics;
using OpenShell.TestKit;

namespace OpenShell.Vm;

/// <summary>eng/lib.sh: how scripts that start others, and that mount, come to their end. Needs root.</summary>
public sealed class ScriptLibraryTests
{
    // The child mounts into the work directory, as a tool that makes images does, and takes its time to end.
    private const string Text = """
        set -euo pipefail
        source eng/lib.sh
        work_directory work
        mkdir "$work/mounted"
        mount --bind "$1" "$work/mounted"
        run_child bash -c 'trap "sleep 0.5; touch \"$1/late\" && echo ended >\"$2\"; exit" TERM; echo "$1"; while :; do sleep 0.1; done' child "$work" "$2"
        """;

    private TestDirectory _directory = null!;

    [SetUp]
    public void MakeDirectory() => _directory = new TestDirectory();

    [TearDown]
    public void RemoveDirectory() => _directory.Dispose();

    [TestCase("INT", 130)]
    [TestCase("TERM", 143)]
    [TestCase("HUP", 129)]
    public async Task Script_Signal_EndsItsChildFirstAndLeavesMountsAlone(string signal, int code)
    {
        var precious = _directory.File("precious");
        System.IO.Directory.CreateDirectory(precious);
        await File.WriteAllTextAsync(Path.Combine(precious, "file"), "mine");
        using var script = new Process
        {
            StartInfo = new ProcessStartInfo("bash", ["-c", Text, "script", precious, _directory.File("ended")])
            {
                WorkingDirectory = TestPaths.Root,
                RedirectStandardOutput = true,
            }.WithoutDiagnosticPipes(),
        };
        script.Start();
        var work = await script.StandardOutput.ReadLineAsync().WaitAsync(TimeSpan.FromSeconds(60));
        Assert.That(work, Is.Not.Null.And.Not.Empty);
        try
        {
            await HostProcesses.SignalAsync(script.Id, signal);
            await Eventually.EndsAsync(script.WaitForExitAsync(), "the script ends");
            Assert.That(script.ExitCode, Is.EqualTo(code));
            // The child could still write there, so nothing was removed below it.
            Assert.That(await File.ReadAllTextAsync(_directory.File("ended")), Is.EqualTo("ended\n"));
            Assert.That(await File.ReadAllTextAsync(Path.Combine(precious, "file")), Is.EqualTo("mine"));
        }
        finally
        {
            using var unmount = Process.Start("umount", [Path.Combine(work!, "mounted")]);
            await unmount.WaitForExitAsync();
            System.IO.Directory.Delete(work!, recursive: true);
        }
    }
}
