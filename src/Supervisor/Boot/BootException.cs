namespace OpenShell.Supervisor.Boot;

/// <summary>The guest cannot come up.</summary>
internal sealed class BootException(string step, string error) : Exception($"{step}: {error}");
