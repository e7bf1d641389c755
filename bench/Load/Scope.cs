using OpenShell.Protocol.DataModel.V1;

namespace OpenShell.Load;

/// <summary>The workspace of all benchmarks.</summary>
internal static class Scope
{
    public static WorkspaceSelector Default => new() { Workspace = "default" };
}
