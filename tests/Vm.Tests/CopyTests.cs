using OpenShell.TestKit;

namespace OpenShell.Vm;

/// <summary>upload and download with the tiny image, whose tools are busybox's.</summary>
public sealed class CopyTests : VmTest
{
    [Test]
    public async Task UploadAndDownload_Matrix_IsKeptInEverything()
    {
        var name = (await BootAsync()).Metadata.Name;
        var outcome = await CliProcess.ScriptAsync(Gateway, Directory, CopyMatrix.Make + CopyMatrix.Look + """
            set -e; cd "$2"; trap 'rm -rf tree back' EXIT; make tree && look tree >before
            openshell sandbox upload "$1" tree matrix/ 2>&1
            # busybox on both sides: it knows whole seconds only, and the rest is seen when it has come back.
            see='cd "$0" && find . -exec busybox stat -c "%f %Y %n" {} + | sort && find . -type f -exec busybox sha256sum {} + | sort'
            openshell sandbox exec -n "$1" -- sh -c "$see" matrix/tree >there
            openshell sandbox exec -n --workdir matrix/tree "$1" -- test -f size-512
            sh -c "$see" tree | diff - there && echo there is the same
            openshell sandbox download "$1" matrix/tree back 2>&1
            look back/tree | diff before - && echo back is the same
            """, name, Directory.Path);

        Assert.That(outcome.Text, Does.Contain("there is the same\n").And.Contain("back is the same\n"), outcome.Error);
    }
}
