using Microsoft.Extensions.Logging.Abstractions;
using OpenShell.Driver.Vm.Acceleration;
using OpenShell.Driver.Vm.Configuration;
using OpenShell.Driver.Vm.Guest;
using OpenShell.Driver.Vm.Qemu;
using OpenShell.Driver.Vm.Records;
using OpenShell.Driver.Vm.Tests.Fakes;
using OpenShell.TestKit;

namespace OpenShell.Driver.Vm.Tests.Acceleration;

/// <summary>With a shell script in QEMU's place.</summary>
[TestFixture]
internal sealed class AccelerationResolverTests
{
    private const string Assertion = "qemu-system-x86_64: ../target/i386/kvm/kvm.c:1234: kvm_put_msrs: Assertion `ret == n' failed.";

    private TestDirectory _directory = null!;

    [SetUp]
    public void SetUp() => _directory = new TestDirectory();

    [TearDown]
    public void TearDown() => _directory.Dispose();

    [Test]
    public async Task ResolveAsync_NoGuestRunsUnderKvm_EmulatesAndKeepsQemusWordsFromPeople()
    {
        var qemu = _directory.File("qemu");
        await File.WriteAllTextAsync(qemu, $"""
            #!/bin/sh
            [ "$1" = --version ] && echo "QEMU 1" && exit 0
            echo "{Assertion.Replace("`", "\\`", StringComparison.Ordinal)}" >&2
            exit 1
            """);
        File.SetUnixFileMode(qemu, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        var layout = new StateLayout(_directory.File("state"));
        layout.Create();
        // A finding that can neither be read nor written costs a probe, not the machines.
        Directory.CreateDirectory(Path.Combine(layout.AccelerationPath, "in the way"));
        var probe = new KvmProbe(new QemuLauncher(TestOptions.New(_directory.Path) with { SupervisorPath = TestPaths.Program("openshell-supervisor") }), TimeProvider.System);
        using var resolver = new AccelerationResolver(
            AccelerationMode.Auto, probe, layout, new AccelerationLog(NullLogger<AccelerationLog>.Instance));

        var decision = await resolver.ResolveAsync(qemu, new GuestKernel("kernel", "modules", "hash"), CancellationToken.None);

        Assert.That(decision.Accelerator, Is.EqualTo(Accelerator.Tcg));
        Assert.That(
            decision.FallbackReason,
            KvmDevice.FindProblem() is { } device ? Is.EqualTo(device) : Is.EqualTo("KVM cannot run guests on this host"));
    }
}
