using OpenShell.Gateway.Store;
using OpenShell.Gateway.Workspaces;

namespace OpenShell.Gateway.Sandboxes;

/// <summary>Records for tests that do not care about most of it.</summary>
internal static class SandboxRecords
{
    public static readonly DateTimeOffset Created = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>A directory over the store of some sandboxes.</summary>
    public static SandboxDirectory Directory(IObjectStore store, SandboxStore sandboxes) =>
        new(sandboxes, new WorkspaceDirectory(new WorkspaceStore(store, TimeProvider.System), TimeProvider.System));

    public static SandboxRecord Create(
        string id = "a", SandboxPhase phase = SandboxPhase.Provisioning, ulong version = 0) => new()
        {
            Id = id,
            Name = id,
            Workspace = "default",
            Spec = Array.Empty<byte>(),
            CreatedAt = Created,
            Phase = phase,
            ResourceVersion = version,
        };
}
