using OpenShell.Driver.Vm.Acceleration;
using OpenShell.Driver.Vm.Configuration;
using OpenShell.Driver.Vm.Guest;
using OpenShell.Driver.Vm.Qemu;
using OpenShell.Driver.Vm.Quantities;
using OpenShell.Driver.Vm.Records;
using OpenShell.Protocol.Outcomes;

namespace OpenShell.Driver.Vm.Admission;

/// <summary>Everything that can be known before a sandbox is made: what it refuses is refused with nothing left behind.</summary>
internal sealed class CreateChecks(DriverOptions options, ImageCatalog images, KernelStore kernels)
{
    /// <summary>Checks a request and fills in the defaults.</summary>
    public async Task<Outcome<MachineSpec>> CheckAsync(SandboxRequest request, CancellationToken cancellationToken)
    {
        if ((CheckIdentity(request) ?? CheckFeatures(request) ?? CheckImage(request) ?? CheckRoomToCreate()) is { } unfit)
        {
            return unfit;
        }

        if (!MachineSizes.Resolve(request, options, HostCapacity.Read(options.StateDirectory)).Succeeded(out var size, out var failure))
        {
            return failure;
        }

        return await CheckHostAsync(cancellationToken) is { } problem ? problem : ToSpec(request, size);
    }

    /// <summary>
    /// Whether a sandbox that exists can be started. Not below the watermark of new ones: what is in it may be what has to
    /// be deleted.
    /// </summary>
    public Failure? CheckRoomToStart() => CheckRoom(HostDisk.RoomToRun, "the machine would be paused at once; free some space there");

    /// <summary>Whether this host can run machines at all.</summary>
    public async Task<Failure?> CheckHostAsync(CancellationToken cancellationToken)
    {
        if (QemuInstallation.Find(options.SearchPath) is null)
        {
            return new Failure(FailureKind.FailedPrecondition, QemuInstallation.MissingMessage);
        }

        if (options.Acceleration == AccelerationMode.Kvm && KvmDevice.FindProblem() is { } problem)
        {
            return new Failure(FailureKind.FailedPrecondition, $"{problem}; use --accel tcg for software emulation");
        }

        if (!File.Exists(options.SupervisorPath))
        {
            return new Failure(
                FailureKind.FailedPrecondition,
                $"the supervisor {options.SupervisorPath} does not exist; give its path with --supervisor");
        }

        try
        {
            await kernels.GetAsync(cancellationToken);
            return null;
        }
        catch (GuestFilesException e)
        {
            return new Failure(FailureKind.FailedPrecondition, e.Message);
        }
    }

    private Failure? CheckRoomToCreate() => CheckRoom(
        options.MinFreeDisk ?? HostDisk.StandardMinimum(HostDisk.Total(options.StateDirectory)),
        "free some space there, or set --min-free-disk lower");

    private Failure? CheckRoom(ByteCount needed, string remedy)
    {
        var free = HostDisk.Free(options.StateDirectory);
        return free < needed
            ? new Failure(
                FailureKind.ResourceExhausted,
                $"the host's disk is too full at {options.StateDirectory}: {free} are free, {needed} are needed; {remedy}")
            : null;
    }

    private static Failure? CheckIdentity(SandboxRequest request)
    {
        if (!SandboxId.IsValid(request.Id))
        {
            return new Failure(
                FailureKind.InvalidArgument,
                $"sandbox id '{request.Id}' is not valid: 1 to 128 characters from A-Z a-z 0-9 . _ - are, except . and ..");
        }

        return request.Name.Length == 0 ? new Failure(FailureKind.InvalidArgument, "the sandbox has no name") : null;
    }

    private static Failure? CheckFeatures(SandboxRequest request) =>
        request.Unsupported.Count == 0
            ? null
            : new Failure(FailureKind.FailedPrecondition, $"this driver has no {string.Join(" and no ", request.Unsupported)}");

    private Failure? CheckImage(SandboxRequest request)
    {
        var name = ImageOf(request);
        try
        {
            if (images.Find(name) is not null)
            {
                return null;
            }
        }
        catch (GuestFilesException e)
        {
            return new Failure(FailureKind.FailedPrecondition, e.Message);
        }

        var known = images.List();
        return new Failure(FailureKind.FailedPrecondition, known.Count == 0
            ? $"image '{name}' does not exist: there are no images in {options.GuestDirectory}; make one with images/tiny/build.sh"
            : $"image '{name}' does not exist; the images are: {string.Join(", ", known)}");
    }

    private string ImageOf(SandboxRequest request) => request.Image.Length == 0 ? options.DefaultImage : request.Image;

    private MachineSpec ToSpec(SandboxRequest request, MachineSize size) => new()
    {
        Id = request.Id,
        Name = request.Name,
        Namespace = request.Namespace,
        Workspace = request.Workspace,
        Image = ImageOf(request),
        Command = request.Command,
        Tty = request.Tty,
        AwaitMainProcessAttachment = request.AwaitMainProcessAttachment,
        LogLevel = request.LogLevel,
        Environment = request.Environment,
        Labels = request.Labels,
        Policy = request.Policy,
        Size = size,
    };
}
