using OpenShell.Linux.Programs;

namespace OpenShell.Cli.Context;

/// <summary>What went wrong, for people and for programs.</summary>
/// <param name="Code">Stable, in snake case: <c>not_found</c>, <c>unavailable</c>, …</param>
/// <param name="Message">One line: what was wrong, with the value, and what to do.</param>
internal sealed record CliError(string Code, string Message, int ExitCode)
{
    /// <summary>What the user may do, a line each, printed below.</summary>
    public IReadOnlyList<string> Hints { get; init; } = [];

    public static CliError Usage(string message) => new("usage", message, ExitCodes.Usage);

    public static CliError NotFound(string message) => new("not_found", message, ExitCodes.NotFound);

    public static CliError NotAllowed(string message) => new("permission_denied", message, ExitCodes.NotAllowed);

    public static CliError Failed(string message) => new("failed", message, ExitCodes.Failed);
}

/// <summary>
/// Ends the command with an error. An exception although it is expected: it has one thrower, one catcher
/// (<see cref="CliApplication"/>), and nothing in between does anything but clean up.
/// </summary>
internal sealed class CliException(CliError error, Exception? cause = null) : Exception(error.Message, cause)
{
    public CliError Error { get; } = error;
}
