using System.CommandLine;
using System.Globalization;
using OpenShell.Driver.Kit.Hosting;
using OpenShell.Driver.Vm.Configuration;
using OpenShell.Driver.Vm.Launch;
using OpenShell.Driver.Vm.Records;
using OpenShell.Linux.Programs;
using OpenShell.Protocol.Outcomes;

namespace OpenShell.Driver.Vm.Commands;

/// <summary>
/// Ends the machines of a driver that was killed: exactly those that are recorded in its state directory.
/// </summary>
internal static class CleanupCommand
{
    public static Command Create()
    {
        var stateDirectory = EnvironmentOption.Create("--state-dir", "State directory of the driver that is gone", DefaultPaths.StateDirectory);
        var command = new Command("cleanup", "Ends every machine that is recorded in a state directory; disks stay.");
        command.Options.Add(stateDirectory);
        command.SetAction((result, _) => RunAsync(Path.GetFullPath(result.GetValue(stateDirectory)!)));
        return command;
    }

    private static async Task<int> RunAsync(string stateDirectory)
    {
        var layout = new StateLayout(stateDirectory);
        if (!Directory.Exists(layout.SandboxesDirectory))
        {
            return ExitCodes.Ok;
        }

        using var stateLock = StateLock.TryTake(layout);
        if (stateLock is null)
        {
            return await DriverProgram.ReportAsync(DriverOptions.ProgramName, new Failure(
                FailureKind.Unavailable, $"a driver still uses the state directory '{stateDirectory}'; end it first"));
        }

        var records = new RecordStore(layout);
        var ended = 0;
        foreach (var id in records.ListIds())
        {
            var sandbox = layout.Sandbox(id);
            if (await OrphanProcesses.KillAsync(records.Load(id).Record, sandbox, TimeProvider.System))
            {
                ended++;
            }

            sandbox.RemoveRunDirectory();
        }

        await Console.Out.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"{ended} machines ended"));
        return ExitCodes.Ok;
    }
}
