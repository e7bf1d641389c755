using Google.Protobuf.WellKnownTypes;
using OpenShell.Gateway.Workspaces;
using OpenShell.Protocol.DataModel.V1;
using WirePhase = OpenShell.Protocol.DataModel.V1.WorkspacePhase;

namespace OpenShell.Gateway.Services;

/// <summary>Between records of workspaces and the messages of the public API.</summary>
internal static class WorkspaceMapping
{
    public static Workspace ToMessage(this WorkspaceRecord record) => new()
    {
        Metadata = new ObjectMeta
        {
            Id = record.Id,
            Name = record.Name,
            CreatedTime = record.CreatedAt.ToTimestamp(),
            DeletionTime = record.DeletionAt?.ToTimestamp(),
            ResourceVersion = record.ResourceVersion,
            Labels = { record.Labels },
        },
        Status = new WorkspaceStatus { Phase = (WirePhase)record.Phase },
    };
}
