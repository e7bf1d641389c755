using System.CommandLine;
using OpenShell.Gateway.Hosting;
using OpenShell.Linux.Programs;
using OpenShell.Protocol;

InlineSocketCompletions.Enable();
var parsed = new GatewayCommand().Create(GatewayRunner.RunAsync).Parse(args);
if (parsed.Errors.Count > 0)
{
    foreach (var error in parsed.Errors)
    {
        await Console.Error.WriteLineAsync($"openshell-gateway: {error.Message}");
    }

    await Console.Error.WriteLineAsync("openshell-gateway: try --help");
    return ExitCodes.Usage;
}

// The host handles the signals: it knows what has to be stopped first.
return await parsed.InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = null, EnableDefaultExceptionHandler = false });
