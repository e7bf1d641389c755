using System.Diagnostics;
using OpenShell.Linux.Processes;
using OpenShell.TestKit;

namespace OpenShell.Linux.Tests.Processes;

[TestFixture]
internal sealed class ProcessIdentityTests
{
    private Process _process = null!;

    [SetUp]
    public void SetUp() => _process = Process.Start("sleep", "600");

    [TearDown]
    public async Task TearDown()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    [Test]
    public void IsAlive_RunningProcess_IsTrue() => Assert.That(ProcessIdentity.TryRead(_process.Id)!.IsAlive(), Is.True);

    [Test]
    public void Kill_OtherProcessWithTheSameNumber_LeavesItAlone()
    {
        var earlier = ProcessIdentity.TryRead(_process.Id)! with { StartTicks = 1 };

        Assert.That(earlier.IsAlive(), Is.False);
        Assert.That(earlier.Kill(), Is.False);
        Assert.That(_process.HasExited, Is.False);
    }

    [Test]
    public async Task Kill_RunningProcess_EndsIt()
    {
        var identity = ProcessIdentity.TryRead(_process.Id)!;

        Assert.That(identity.Kill(), Is.True);
        Assert.That(await identity.WaitForEndAsync(Eventually.Timeout, TimeProvider.System, CancellationToken.None), Is.True);
        Assert.That(identity.Kill(), Is.False);
    }

    [Test]
    public void TryRead_NoSuchProcess_IsNull() => Assert.That(ProcessIdentity.TryRead(int.MaxValue), Is.Null);
}
