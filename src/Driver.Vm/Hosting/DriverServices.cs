using Microsoft.Extensions.DependencyInjection;
using OpenShell.Driver.Vm.Acceleration;
using OpenShell.Driver.Vm.Admission;
using OpenShell.Driver.Vm.Configuration;
using OpenShell.Driver.Vm.Guest;
using OpenShell.Driver.Vm.Helpers;
using OpenShell.Driver.Vm.Launch;
using OpenShell.Driver.Vm.Machines;
using OpenShell.Driver.Vm.Qemu;
using OpenShell.Driver.Vm.Records;

namespace OpenShell.Driver.Vm.Hosting;

/// <summary>Puts the driver together.</summary>
internal static class DriverServices
{
    public static IServiceCollection AddDriver(this IServiceCollection services, DriverOptions options, StateLayout layout) => services
        .AddSingleton(options)
        .AddSingleton(layout)
        .AddSingleton<QemuLauncher>()
        .AddSingleton<HelperStarter>()
        .AddSingleton<HelperLog>()
        .AddSingleton<NetworkIsolation>()
        .AddSingleton<AccelerationLog>()
        .AddSingleton<KvmProbe>()
        .AddSingleton(provider => ActivatorUtilities.CreateInstance<AccelerationResolver>(provider, options.Acceleration))
        .AddSingleton<KernelStore>()
        .AddSingleton<InitramfsStore>()
        .AddSingleton<ImageCatalog>()
        .AddSingleton<OverlayDisk>()
        .AddSingleton<GuestFiles>()
        .AddSingleton<RecordStore>()
        .AddSingleton<MachineLog>()
        .AddSingleton<LaunchLog>()
        .AddSingleton<MachineLauncher>()
        .AddSingleton<IMachineStarter, MachineStarter>()
        .AddSingleton<MachineContext>()
        .AddSingleton<MachineRegistry>()
        .AddSingleton<MachineAdopter>()
        .AddSingleton<CreateChecks>()
        .AddHostedService<WarmUp>();
}
