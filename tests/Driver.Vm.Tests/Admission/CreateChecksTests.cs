using OpenShell.Driver.Vm.Admission;
using OpenShell.Driver.Vm.Configuration;
using OpenShell.Driver.Vm.Guest;
using OpenShell.Driver.Vm.Quantities;
using OpenShell.Driver.Vm.Records;
using OpenShell.Driver.Vm.Tests.Fakes;
using OpenShell.Protocol.Outcomes;
using OpenShell.TestKit;

namespace OpenShell.Driver.Vm.Tests.Admission;

[TestFixture]
internal sealed class CreateChecksTests
{
    private TestDirectory _directory = null!;
    private DriverOptions _options = null!;
    private StateLayout _layout = null!;

    [SetUp]
    public void SetUp()
    {
        _directory = new TestDirectory();
        _options = TestOptions.New(_directory.Path);
        _layout = new StateLayout(_options.StateDirectory);
        _layout.Create();
        GuestDirectory.Write(_options.GuestDirectory);
        File.WriteAllText(_options.SupervisorPath, "supervisor");
        var qemu = _directory.File("qemu-system-x86_64");
        File.WriteAllText(qemu, "");
        File.SetUnixFileMode(qemu, UnixFileMode.UserRead | UnixFileMode.UserExecute);
    }

    [TearDown]
    public void TearDown() => _directory.Dispose();

    [Test]
    public async Task CheckAsync_PlainRequest_GetsTheDefaults()
    {
        var (spec, failure) = await CheckAsync(Request());

        Assert.That(failure, Is.Null);
        Assert.That(spec!.Image, Is.EqualTo("tiny"));
        Assert.That(spec.Size, Is.EqualTo(new MachineSize(1, _options.Memory, _options.Disk)));
    }

    [Test]
    public async Task CheckAsync_HostDiskBelowTheWatermark_IsExhaustedAndSaysWhatToDo()
    {
        _options = _options with { MinFreeDisk = new ByteCount(long.MaxValue) };

        var (_, failure) = await CheckAsync(Request());

        Assert.That(failure!.Kind, Is.EqualTo(FailureKind.ResourceExhausted));
        Assert.That(failure.Message, Does.Contain(_options.StateDirectory).And.Contain("are free").And.Contain($"{_options.MinFreeDisk} are needed").And.Contain("--min-free-disk"));
    }

    [Test]
    public async Task CheckAsync_Quantities_AreHonoured()
    {
        var (spec, _) = await CheckAsync(Request() with { Cpu = "500m", Memory = "300M", Disk = "1Gi", Image = "big" });

        Assert.That(spec!.Image, Is.EqualTo("big"));
        Assert.That((spec.Size.VirtualCpus, spec.Size.Memory.Mebibytes, spec.Size.Disk.Mebibytes), Is.EqualTo((1, 287L, 1024L)));
    }

    [TestCase("cpu", "two")]
    [TestCase("cpu", "100000")]
    [TestCase("memory", "lots")]
    [TestCase("memory", "64Mi")]
    [TestCase("memory", "1000Ti")]
    [TestCase("disk", "-1")]
    [TestCase("disk", "1Mi")]
    [TestCase("disk", "100000Ti")]
    public async Task CheckAsync_QuantityThatCannotBeMet_IsInvalidAndNamed(string what, string text)
    {
        var request = Request() with
        {
            Cpu = what == "cpu" ? text : "",
            Memory = what == "memory" ? text : "",
            Disk = what == "disk" ? text : "",
        };

        var (_, failure) = await CheckAsync(request);

        Assert.That(failure!.Kind, Is.EqualTo(FailureKind.InvalidArgument));
        Assert.That(failure.Message, Does.StartWith($"{what} '{text}'"));
    }

    [TestCase("../up")]
    [TestCase("")]
    [TestCase("..")]
    public async Task CheckAsync_BadId_IsInvalid(string id)
    {
        Assert.That((await CheckAsync(Request() with { Id = id })).Failure!.Kind, Is.EqualTo(FailureKind.InvalidArgument));
    }

    [Test]
    public async Task CheckAsync_UnknownImage_NamesThoseThatExist()
    {
        var (_, failure) = await CheckAsync(Request() with { Image = "huge" });

        Assert.That(failure, Is.EqualTo(new Failure(FailureKind.FailedPrecondition, "image 'huge' does not exist; the images are: big, tiny")));
    }

    [Test]
    public async Task CheckAsync_UnsupportedFeature_IsNamed()
    {
        Assert.That((await CheckAsync(Request() with { Unsupported = ["GPUs"] })).Failure, Is.EqualTo(new Failure(FailureKind.FailedPrecondition, "this driver has no GPUs")));
    }

    [Test]
    public async Task CheckAsync_NoQemu_NamesThePackage()
    {
        File.Delete(_directory.File("qemu-system-x86_64"));

        Assert.That(
            (await CheckAsync(Request())).Failure,
            Is.EqualTo(new Failure(FailureKind.FailedPrecondition, "qemu-system-x86_64 was not found in PATH; install the package qemu-system-x86")));
    }

    [Test]
    public async Task CheckAsync_NoSupervisor_IsAPrecondition()
    {
        File.Delete(_options.SupervisorPath);

        Assert.That((await CheckAsync(Request())).Failure!.Kind, Is.EqualTo(FailureKind.FailedPrecondition));
    }

    [Test]
    public async Task CheckAsync_TamperedKernel_IsAPrecondition()
    {
        await File.AppendAllTextAsync(Path.Combine(_options.GuestDirectory, "kernel", "vmlinux"), "x");

        Assert.That((await CheckAsync(Request())).Failure!.Message, Does.Contain("has been changed"));
    }

    private static SandboxRequest Request() => new() { Id = "a", Name = "quiet-fox" };

    private async Task<(MachineSpec? Spec, Failure? Failure)> CheckAsync(SandboxRequest request)
    {
        using var kernels = new KernelStore(_options, _layout);
        (await new CreateChecks(_options, new ImageCatalog(_options), kernels).CheckAsync(request, CancellationToken.None))
            .Succeeded(out var spec, out var failure);
        return (spec, failure);
    }
}
