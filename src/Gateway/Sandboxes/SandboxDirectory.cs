using OpenShell.Protocol.Outcomes;

namespace OpenShell.Gateway.Sandboxes;

/// <summary>Finds the sandbox that a caller names. One that is not there and one that the caller may not see have the same answer.</summary>
internal sealed class SandboxDirectory(SandboxStore sandboxes)
{
    public static readonly Failure NotFound = new(FailureKind.NotFound, "sandbox not found");

    /// <summary>InvalidArgument without a name; NotFound.</summary>
    public async Task<Outcome<SandboxRecord>> FindAsync(string workspace, string name, CancellationToken cancellationToken)
    {
        if (name.Length == 0)
        {
            return new Failure(FailureKind.InvalidArgument, "sandbox is required");
        }

        if (workspace != SandboxRecord.DefaultWorkspace)
        {
            return new Failure(FailureKind.NotFound, $"workspace '{workspace}' not found");
        }

        return await sandboxes.GetByNameAsync(workspace, name, cancellationToken) is { } sandbox ? sandbox : NotFound;
    }
}
