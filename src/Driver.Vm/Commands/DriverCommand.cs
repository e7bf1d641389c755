using System.CommandLine;
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
            var (options, problem) = DriverOptionsParser.Parse(arguments.Read(result));
            return options is null
                ? await DriverHost.ReportAsync(new StartProblem(ExitCodes.Usage, problem!))
                : await DriverHost.RunAsync(options, cancellationToken);
        });
        root.Subcommands.Add(CleanupCommand.Create());
        return root;
    }
}
