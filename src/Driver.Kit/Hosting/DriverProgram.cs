using System.CommandLine;
using OpenShell.Linux.Programs;
using OpenShell.Protocol.Outcomes;

namespace OpenShell.Driver.Kit.Hosting;

/// <summary>The outermost of a driver's program: its command line, and one line on standard error for whatever goes wrong.</summary>
public static class DriverProgram
{
    /// <summary>Runs a command line to the program's exit code.</summary>
    public static async Task<int> RunAsync(string name, RootCommand command, string[] args)
    {
        ArgumentNullException.ThrowIfNull(command);
        var parsed = command.Parse(args);
        if (parsed.Errors.Count > 0)
        {
            foreach (var error in parsed.Errors)
            {
                await Console.Error.WriteLineAsync($"{name}: {error.Message}");
            }

            await Console.Error.WriteLineAsync($"{name}: try --help");
            return ExitCodes.Usage;
        }

        try
        {
            // The host handles the signals: sandboxes have to be detached from in order.
            return await parsed.InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = null, EnableDefaultExceptionHandler = false });
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return await ReportAsync(name, new Failure(FailureKind.Internal, e.Message));
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            // A defect, or the end of memory: in one line all the same.
            var message = $"unexpected error: {e.GetType().Name}: {e.Message.ReplaceLineEndings(" ")}";
            return await ReportAsync(name, new Failure(FailureKind.Internal, message));
        }
    }

    /// <summary>Tells why the program ends.</summary>
    /// <returns>Its exit code.</returns>
    public static async Task<int> ReportAsync(string name, Failure failure)
    {
        ArgumentNullException.ThrowIfNull(failure);
        await Console.Error.WriteLineAsync($"{name}: {failure.Message}");
        return failure.Kind.ToExitCode();
    }
}
