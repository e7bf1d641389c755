using OpenShell.Driver.Vm.Events;
using OpenShell.Driver.Vm.Records;

namespace OpenShell.Driver.Vm.Launch;

/// <summary>One start of one machine.</summary>
internal sealed record MachineStart
{
    public required SandboxSpec Spec { get; init; }

    public required SandboxLayout Layout { get; init; }

    /// <summary>The sandbox's token. A secret; see <see cref="ToString"/>.</summary>
    public required string Token { get; init; }

    /// <summary>Identifies this boot.</summary>
    public required string InstanceId { get; init; }

    /// <summary>Whether the disk is still to be made.</summary>
    public required bool IsFirst { get; init; }

    public required MachineNotices Notices { get; init; }

    /// <summary>Without the token, which a record would print.</summary>
    public override string ToString() => $"start {InstanceId} of {Spec.Id}";
}
