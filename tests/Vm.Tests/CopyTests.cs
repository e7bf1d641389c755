using OpenShell.TestKit;

namespace OpenShell.Vm;

/// <summary>upload and download with the tiny image, whose tools are busybox's.</summary>
public sealed class CopyTests : VmTest
{
    [Test]
    public async Task UploadAndDownload_Matrix_IsKeptInEverything()
    {
        var name = (await BootAsync()).Metadata.Name;
        var outcome = await CliProcess.ScriptAsync(Gateway, Directory, CopyMatrix.Make + CopyMatrix.Describe + """
            set -e; cd "$2"; trap 'rm -rf tree back' EXIT; make tree && describe tree >before
            openshell sandbox upload "$1" tree matrix/ 2>&1
            # busybox on both sides: it knows whole seconds only, and the rest is seen when it has come back.
            see='cd "$0" && find . -exec busybox stat -c "%f %Y %n" {} + | sort && find . -type f -exec busybox sha256sum {} + | sort'
            openshell sandbox exec --no-stdin "$1" -- sh -c "$see" matrix/tree >there
            openshell sandbox exec --no-stdin --workdir matrix/tree "$1" -- test -f size-512
            sh -c "$see" tree | diff - there && echo there is the same
            openshell sandbox download "$1" matrix/tree back/tree 2>&1
            describe back/tree | diff before - && echo back is the same
            """, name, Directory.Path);

        Assert.That(outcome.Text, Does.Contain("there is the same\n").And.Contain("back is the same\n"), outcome.Error);
    }

    [Test]
    public async Task UploadAndDownload_UnderAPolicy_IsKeptForTheUserThatItNames()
    {
        var outcome = await CliProcess.ScriptAsync(Gateway, Directory, """
            set -e; cd "$1"; export OPENSHELL_PROVISION_TIMEOUT=280
            cat >policy.yaml <<END
            version: 1
            filesystem_policy: {read_only: [/bin, /usr, /lib, /etc, /sbin, /proc, /dev], read_write: [/tmp]}
            landlock: {compatibility: best_effort}
            process: {run_as_user: "1234"}
            END
            openshell sandbox create --name policed --policy policy.yaml >&2
            mkdir -p kept/closed && echo x >kept/file && echo x >kept/closed/file && chmod 0000 kept/file && chmod 0555 kept/closed && touch -d @-1.25 kept/file kept/closed
            openshell sandbox upload policed kept /tmp/ 2>&1
            openshell sandbox exec --no-stdin policed -- sh -c 'id -u; touch /bin/x 2>/dev/null || echo policed'
            openshell sandbox exec --no-stdin policed -- chmod 0400 /tmp/kept/file
            openshell sandbox download policed /tmp/kept back/kept 2>&1
            stat -c '%a %.9Y %n' back/kept/file back/kept/closed
            """, Directory.Path);

        Assert.That(outcome.ExitCode, Is.Zero, outcome.Text + outcome.Error);
        Assert.That(outcome.Text, Does.Contain("1234\npoliced\n").And.EndsWith("400 -1.250000000 back/kept/file\n555 -1.250000000 back/kept/closed\n"), outcome.Error);
    }
}
