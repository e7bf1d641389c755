using System.Diagnostics.CodeAnalysis;
using OpenShell.Driver.Vm.Quantities;

namespace OpenShell.Driver.Vm.Records;

/// <summary>A sandbox as it will run, after everything that was asked for has been checked and defaults are filled in.</summary>
internal sealed record MachineSpec
{
    public required string Id { get; init; }

    public required string Name { get; init; }

    public required string Namespace { get; init; }

    public required string Workspace { get; init; }

    public required string Image { get; init; }

    /// <summary>The main process; empty: a login shell.</summary>
    public required IReadOnlyList<string> Command { get; init; }

    public required bool Tty { get; init; }

    /// <summary>The creator will attach to the main process of the first boot. Records of earlier drivers do not say so.</summary>
    public bool AwaitMainProcessAttachment { get; init; }

    public required string LogLevel { get; init; }

    /// <summary>Environment of every process in the sandbox. May hold secrets of the user: never logged.</summary>
    public required IReadOnlyDictionary<string, string> Environment { get; init; }

    public required IReadOnlyDictionary<string, string> Labels { get; init; }

    /// <summary>What its processes may do, in the wire's form, which only the guest reads; empty: no policy.</summary>
    [AllowNull]
    public byte[] Policy
    {
        get;
        // Records of drivers that knew no policies have none.
        init => field = value ?? [];
    } = [];

    public required MachineSize Size { get; init; }
}

/// <summary>What a machine gets.</summary>
internal sealed record MachineSize(int VirtualCpus, ByteCount Memory, ByteCount Disk);
