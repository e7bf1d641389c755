using OpenShell.Protocol.DataModel.V1;

namespace OpenShell.TestKit;

/// <summary>Workspaces as requests select them.</summary>
public static class Scope
{
    /// <summary>The workspace that is always there.</summary>
    public static WorkspaceSelector Default => Of("default");

    /// <summary>Every workspace.</summary>
    public static WorkspaceSelector All => new() { AllWorkspaces = new AllWorkspaces() };

    /// <summary>One workspace.</summary>
    public static WorkspaceSelector Of(string workspace) => new() { Workspace = workspace };
}
