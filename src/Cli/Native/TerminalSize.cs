namespace OpenShell.Cli.Native;

/// <summary>Size of a terminal in characters.</summary>
internal readonly record struct TerminalSize(uint Columns, uint Rows);
