namespace OpenShell.Cli.Hosting;

/// <summary>What went wrong, for people and for programs.</summary>
/// <param name="Code">Stable, in snake case: <c>not_found</c>, <c>unavailable</c>, …</param>
/// <param name="Message">One line: what was wrong, with the value, and what to do.</param>
/// <param name="ExitCode">How the process ends.</param>
internal sealed record CliError(string Code, string Message, int ExitCode)
{
    public static CliError Usage(string message) => new("usage", message, Hosting.ExitCode.Usage);

    public static CliError NotFound(string message) => new("not_found", message, Hosting.ExitCode.NotFound);

    public static CliError NotAllowed(string message) => new("permission_denied", message, Hosting.ExitCode.NotAllowed);

    public static CliError Failed(string message) => new("failed", message, Hosting.ExitCode.Failed);
}
