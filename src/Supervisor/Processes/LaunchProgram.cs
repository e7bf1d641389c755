namespace OpenShell.Supervisor.Processes;

/// <summary>What to execute.</summary>
/// <param name="Candidates">Paths, tried in order.</param>
/// <param name="Argv">Its arguments, the name it sees first.</param>
internal sealed record LaunchProgram(IReadOnlyCollection<string> Candidates, IReadOnlyList<string> Argv)
{
    /// <summary>For messages.</summary>
    public string Name => Argv[0];
}
