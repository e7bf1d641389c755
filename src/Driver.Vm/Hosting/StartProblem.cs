namespace OpenShell.Driver.Vm.Hosting;

/// <summary>Why the driver does not start.</summary>
/// <param name="ExitCode">One of <see cref="Linux.Programs.ExitCodes"/>.</param>
/// <param name="Message">One line for the operator.</param>
internal sealed record StartProblem(int ExitCode, string Message);
