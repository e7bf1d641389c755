namespace OpenShell.Supervisor.Processes;

/// <summary>A terminal to run a process on.</summary>
/// <param name="Columns">Width in characters; 0 is 80.</param>
/// <param name="Rows">Height in characters; 0 is 24.</param>
/// <param name="Type">TERM; empty is xterm-256color.</param>
internal sealed record ProcessTerminal(uint Columns, uint Rows, string Type)
{
    /// <summary>As <see cref="Protocol.Exec.TerminalModes"/> takes them; empty is the kernel's default.</summary>
    public ReadOnlyMemory<byte> Modes { get; init; }
}
