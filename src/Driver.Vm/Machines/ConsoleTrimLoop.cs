using Microsoft.Extensions.Hosting;
using OpenShell.Driver.Vm.Guest;
using OpenShell.Driver.Vm.Records;

namespace OpenShell.Driver.Vm.Machines;

/// <summary>Looks at the console logs of all running machines now and then.</summary>
internal sealed class ConsoleTrimLoop(MachineRegistry registry, StateLayout layout, MachineLog log, TimeProvider time) : BackgroundService
{
    // An emulated serial port writes some 10 MB/s at most: a log never gets longer than a few hundred MB.
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(15);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            foreach (var snapshot in registry.List().Where(snapshot => snapshot.State == MachineState.Running))
            {
                Trim(snapshot.Spec.Id);
            }
        }
    }

    private void Trim(string id)
    {
        try
        {
            if (ConsoleTrim.Trim(layout.Sandbox(id).ConsolePath))
            {
                log.ConsoleTrimmed(id);
            }
        }
        catch (IOException e)
        {
            // The sandbox may just have been deleted; otherwise the next look tries again.
            log.ConsoleNotTrimmed(id, e.Message);
        }
    }
}
