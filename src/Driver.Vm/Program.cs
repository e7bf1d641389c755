using System.CommandLine;
using OpenShell.Driver.Vm.Commands;
using OpenShell.Driver.Vm.Hosting;
using OpenShell.Linux.Programs;

var parsed = DriverCommand.Create().Parse(args);
if (parsed.Errors.Count > 0)
{
    foreach (var error in parsed.Errors)
    {
        await Console.Error.WriteLineAsync($"openshell-driver-vm: {error.Message}");
    }

    await Console.Error.WriteLineAsync("openshell-driver-vm: try --help");
    return ExitCodes.Usage;
}

try
{
    // The host handles the signals: machines have to be let go of in order.
    return await parsed.InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = null, EnableDefaultExceptionHandler = false });
}
catch (Exception e) when (e is IOException or UnauthorizedAccessException)
{
    return await DriverHost.ReportAsync(new StartProblem(ExitCodes.Failed, e.Message));
}
catch (Exception e) when (e is not OperationCanceledException)
{
    // A defect, or the end of memory: in one line all the same.
    return await DriverHost.ReportAsync(new StartProblem(ExitCodes.Failed, $"unexpected error: {e.GetType().Name}: {e.Message.ReplaceLineEndings(" ")}"));
}
