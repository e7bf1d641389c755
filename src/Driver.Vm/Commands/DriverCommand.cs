using System.CommandLine;
using OpenShell.Driver.Vm.Hosting;
using OpenShell.Linux.Programs;

namespace OpenShell.Driver.Vm.Commands;

/// <summary>The command line: serving, and cleaning up.</summary>
internal static class DriverCommand
{
    public static RootCommand Create()
    {
        var arguments = new ServeArguments();
        var root = new RootCommand("Runs OpenShell sandboxes as QEMU microVMs. It is started by openshell-gateway.");
        arguments.AddTo(root);
        root.SetAction(async (result, cancellationToken) =>
        {
            return DriverOptionsParser.Parse(arguments.Read(result)).Succeeded(out var options, out var failure)
                ? await DriverHost.RunAsync(options, cancellationToken)
                : await DriverHost.ReportAsync(new StartProblem(ExitCodes.Usage, failure.Message));
        });
        root.Subcommands.Add(CleanupCommand.Create());
        return root;
    }
}
