using System.CommandLine;
using OpenShell.Driver.Kit.Hosting;
using OpenShell.Driver.Vm.Configuration;
using OpenShell.Driver.Vm.Hosting;

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
                : await DriverProgram.ReportAsync(DriverOptions.ProgramName, failure);
        });
        root.Subcommands.Add(CleanupCommand.Create());
        return root;
    }
}
