using Microsoft.Extensions.Logging;
using OpenShell.Driver.Vm.Quantities;
using OpenShell.Protocol;

namespace OpenShell.Driver.Vm.Configuration;

/// <summary>How the driver runs. All paths are absolute.</summary>
internal sealed record DriverOptions
{
    public const string ProgramName = "openshell-driver-vm";

    /// <summary>The Unix socket that the driver serves on.</summary>
    public required string SocketPath { get; init; }

    /// <summary>Everything that the driver keeps.</summary>
    public required string StateDirectory { get; init; }

    /// <summary>Kernel and images: <c>kernel/</c> and <c>images/NAME.squashfs</c>.</summary>
    public required string GuestDirectory { get; init; }

    /// <summary>The static supervisor: the guests' init, and on the host the helper that carries their one connection.</summary>
    public required string SupervisorPath { get; init; }

    /// <summary>Where the gateway accepts supervisors.</summary>
    public required DialEndpoint SupervisorEndpoint { get; init; }

    public required AccelerationMode Acceleration { get; init; }

    /// <summary>Virtual processors of a sandbox that asks for none. 1: an agent's shell seldom uses more.</summary>
    public required int VirtualCpus { get; init; }

    /// <summary>Memory of a sandbox that asks for none. 256 MiB: enough for busybox and a small tool, and quick to set up.</summary>
    public required ByteCount Memory { get; init; }

    /// <summary>Writable disk of a sandbox that asks for none. 4 GiB, sparse: it takes up what is written.</summary>
    public required ByteCount Disk { get; init; }

    /// <summary>What has to be free where the state is for another sandbox; null: 1 GiB, or 2 % of the file system if that is more.</summary>
    public ByteCount? MinFreeDisk { get; init; }

    /// <summary>Image of a sandbox that names none.</summary>
    public required string DefaultImage { get; init; }

    public required LogLevel LogLevel { get; init; }

    /// <summary>End, leaving the machines running, when standard input ends: it is held open by the gateway.</summary>
    public bool EndWithStandardInput { get; init; }

    /// <summary>PATH, for finding QEMU and mke2fs.</summary>
    public string? SearchPath { get; init; }
}

/// <summary>What the operator asked for.</summary>
internal enum AccelerationMode
{
    /// <summary>KVM where a guest really runs under it, else TCG.</summary>
    Auto,

    /// <summary>KVM or nothing.</summary>
    Kvm,

    /// <summary>Software emulation.</summary>
    Tcg,
}
