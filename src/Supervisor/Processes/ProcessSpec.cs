using OpenShell.Supervisor.Users;

namespace OpenShell.Supervisor.Processes;

/// <summary>What to start, as it was asked for.</summary>
/// <param name="Argv">The program and its arguments; ignored for a login shell.</param>
/// <param name="Environment">Added to the environment of the sandbox.</param>
/// <param name="WorkingDirectory">Must exist, absolute or below the user's login directory; empty is that directory, or "/" where that cannot be entered.</param>
/// <param name="User">As <see cref="Users.UserDatabase.Find"/> takes it.</param>
/// <param name="Terminal">Null: pipes.</param>
/// <param name="LoginShell">Run the first of bash, ash and sh as a login shell instead.</param>
internal sealed record ProcessSpec(
    IReadOnlyList<string> Argv,
    IReadOnlyDictionary<string, string> Environment,
    string WorkingDirectory,
    string User,
    ProcessTerminal? Terminal,
    bool LoginShell)
{
    /// <summary>Who <see cref="User"/> is, where that has been looked up; null: not yet.</summary>
    public UserIdentity? Identity { get; init; }

    /// <summary>What takes the place of the environment that the sandbox has for its user; null: nothing.</summary>
    public IReadOnlyDictionary<string, string>? BaseEnvironment { get; init; }
}

/// <summary>A terminal to run a process on.</summary>
/// <param name="Columns">Width in characters; 0 is 80.</param>
/// <param name="Rows">Height in characters; 0 is 24.</param>
/// <param name="Type">TERM; empty is xterm-256color.</param>
internal sealed record ProcessTerminal(uint Columns, uint Rows, string Type)
{
    /// <summary>As <see cref="Protocol.Exec.TerminalModes"/> takes them; empty is the kernel's default.</summary>
    public ReadOnlyMemory<byte> Modes { get; init; }
}
