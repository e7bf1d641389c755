namespace OpenShell.Supervisor.MainProcess;

/// <summary>What a reader of the ring found.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Count">Bytes of output; 0 for the other kinds.</param>
internal readonly record struct OutputRead(OutputReadKind Kind, int Count);
