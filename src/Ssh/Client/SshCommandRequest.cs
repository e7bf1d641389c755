namespace OpenShell.Ssh.Client;

/// <summary>What to run over SSH.</summary>
/// <param name="User">Who logs in, without any credential.</param>
/// <param name="Command">For the server's shell.</param>
/// <param name="Terminal">Null: none.</param>
public sealed record SshCommandRequest(string User, string Command, SshTerminal? Terminal);

/// <summary>A terminal to ask for.</summary>
/// <param name="Type">Its name in terminfo.</param>
public sealed record SshTerminal(string Type, int Columns, int Rows);

/// <summary>How a command ended.</summary>
/// <param name="Code">Its exit code, unless a signal ended it.</param>
/// <param name="Signal">The signal that ended it; 0: none.</param>
public sealed record SshExit(int Code, int Signal);
