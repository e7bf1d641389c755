using OpenShell.Supervisor.Users;

namespace OpenShell.Supervisor.Processes;

/// <summary>A process that is about to be started, with everything looked up.</summary>
/// <param name="WorkingDirectoryOptional">"/" will do where the directory cannot be entered.</param>
internal sealed record LaunchPlan(
    UserIdentity User,
    LaunchProgram Program,
    Dictionary<string, string> Variables,
    string WorkingDirectory,
    bool WorkingDirectoryOptional);

/// <summary>What to execute.</summary>
/// <param name="Candidates">Paths, tried in order.</param>
/// <param name="Argv">Its arguments, the name it sees first.</param>
internal sealed record LaunchProgram(IReadOnlyCollection<string> Candidates, IReadOnlyList<string> Argv)
{
    /// <summary>For messages.</summary>
    public string Name => Argv[0];
}
