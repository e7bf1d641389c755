namespace OpenShell.Driver.Vm.Events;

/// <summary>A step in a machine's life, for people.</summary>
/// <param name="SandboxId">The sandbox.</param>
/// <param name="Time">When it happened.</param>
/// <param name="IsWarning">Whether somebody should look.</param>
/// <param name="Reason">One word.</param>
/// <param name="Message">A sentence.</param>
/// <param name="Metadata">For displays; keys as in <see cref="ProgressKeys"/>.</param>
internal sealed record MachineNotice(
    string SandboxId,
    DateTimeOffset Time,
    bool IsWarning,
    string Reason,
    string Message,
    IReadOnlyDictionary<string, string> Metadata) : IDriverEvent;
