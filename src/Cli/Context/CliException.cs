namespace OpenShell.Cli.Context;

/// <summary>
/// Ends the command with an error. An exception although it is expected: it has one thrower, one catcher
/// (<see cref="CliApplication"/>), and nothing in between does anything but clean up.
/// </summary>
internal sealed class CliException(CliError error, Exception? cause = null) : Exception(error.Message, cause)
{
    public CliError Error { get; } = error;
}
