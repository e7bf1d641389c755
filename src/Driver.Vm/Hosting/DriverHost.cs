using Microsoft.Extensions.DependencyInjection;
using OpenShell.Driver.Kit.Hosting;
using OpenShell.Driver.Vm.Configuration;
using OpenShell.Driver.Vm.Machines;
using OpenShell.Driver.Vm.Records;
using OpenShell.Driver.Vm.Services;
using OpenShell.Linux.Programs;
using OpenShell.Protocol.Outcomes;

namespace OpenShell.Driver.Vm.Hosting;

/// <summary>The driver process: finds its machines again, serves, and detaches from them when it ends.</summary>
internal static class DriverHost
{
    /// <summary>Runs until a signal or the end of the lifeline.</summary>
    /// <returns>The process's exit code.</returns>
    public static async Task<int> RunAsync(DriverOptions options, CancellationToken cancellationToken)
    {
        var layout = new StateLayout(options.StateDirectory);
        if (layout.FindProblem() is { } tooDeep)
        {
            return await ReportAsync(new Failure(FailureKind.InvalidArgument, tooDeep));
        }

        var serving = new DriverServerOptions
        {
            SocketPath = options.SocketPath,
            LogLevel = options.LogLevel,
            EndWithStandardInput = options.EndWithStandardInput,
        };
        if (await DriverServer.PrepareAsync(serving) is { } problem)
        {
            return await ReportAsync(problem);
        }

        layout.Create();
        using var stateLock = StateLock.TryTake(layout);
        if (stateLock is null)
        {
            return await ReportAsync(new Failure(FailureKind.Unavailable, $"another driver uses the state directory '{layout.Root}'"));
        }

        await using var app = DriverServer.Build<ComputeDriverService>(serving, services => services.AddDriver(options, layout));
        await app.Services.GetRequiredService<MachineAdopter>().AdoptAllAsync(cancellationToken);
        var known = app.Services.GetRequiredService<MachineRegistry>().List().Count;
        await DriverServer.RunAsync(app, serving, known, cancellationToken);
        return ExitCodes.Ok;
    }

    private static Task<int> ReportAsync(Failure failure) => DriverProgram.ReportAsync(DriverOptions.ProgramName, failure);
}
