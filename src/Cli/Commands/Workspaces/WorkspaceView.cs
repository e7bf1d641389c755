using System.Text.Json.Nodes;
using OpenShell.Cli.Output;
using OpenShell.Cli.Text;
using OpenShell.Protocol.DataModel.V1;
using OpenShell.Protocol.V1;

namespace OpenShell.Cli.Commands.Workspaces;

/// <summary>Workspaces and their members in words and as documents.</summary>
internal static class WorkspaceView
{
    public static JsonObject Document(Workspace workspace) => new()
    {
        ["id"] = workspace.Metadata.Id,
        ["name"] = workspace.Metadata.Name,
        ["labels"] = Labels.Document(workspace.Metadata.Labels),
        ["resource_version"] = workspace.Metadata.ResourceVersion,
        ["created_at"] = TimeText.Text(workspace.Metadata.CreatedTime),
        ["phase"] = Phase(workspace),
    };

    public static JsonObject Document(WorkspaceMember member) => new()
    {
        ["subject"] = member.PrincipalSubject,
        ["role"] = Role(member.Role),
        ["workspace"] = member.Metadata?.Workspace ?? "",
        ["created_at"] = TimeText.Text(member.Metadata?.CreatedTime),
    };

    public static string Phase(Workspace workspace) => workspace.Status?.Phase switch
    {
        WorkspacePhase.Active => "Active",
        WorkspacePhase.Terminating => "Terminating",
        _ => "Unknown",
    };

    public static string Role(WorkspaceRole role) => role switch
    {
        WorkspaceRole.Admin => "admin",
        WorkspaceRole.User => "user",
        _ => "unknown",
    };

    public static void WriteDetails(TextWriter output, Workspace workspace, Palette palette)
    {
        var rows = new DetailRows(output, palette);
        rows.Add("Name", workspace.Metadata.Name);
        rows.Add("Id", workspace.Metadata.Id);
        rows.Add("Phase", Phase(workspace));
        rows.Add("Created", TimeText.Text(workspace.Metadata.CreatedTime));
        rows.Add("Labels", Labels.Text(workspace.Metadata.Labels));
    }
}
