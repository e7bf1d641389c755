using System.Globalization;
using OpenShell.Driver.Vm.Configuration;
using OpenShell.Driver.Vm.Guest;
using OpenShell.Driver.Vm.Processes;
using OpenShell.Driver.Vm.Records;
using OpenShell.Linux.Processes;

namespace OpenShell.Driver.Vm.Helpers;

/// <summary>Starts the helpers of machines: <c>openshell-supervisor machine-helper</c>.</summary>
internal sealed class HelperStarter(DriverOptions options, HelperLog log, TimeProvider time)
{
    // As long as QEMU itself may take: on a busy host loading a program takes seconds.
    private static readonly TimeSpan StartTimeout = TimeSpan.FromSeconds(15);

    /// <summary>Starts the helper of a QEMU, or of what is about to become one.</summary>
    /// <exception cref="IOException">It could not be started; the message is for people.</exception>
    public async Task<MachineHelper> StartAsync(string sandboxId, ProcessIdentity qemu, SandboxLayout layout, CancellationToken cancellationToken)
    {
        using var timeout = new CancellationTokenSource(StartTimeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, timeout.Token);
        await using var process = StartingProcess.Start(options.SupervisorPath, Arguments(qemu, layout));
        try
        {
            if (await process.WaitUntilReadyAsync(either.Token) is { } problem)
            {
                throw new IOException(problem);
            }
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new IOException($"the machine's helper was not ready after {StartTimeout.TotalSeconds:0} s");
        }

        var helper = MachineHelper.TryConnect(layout) ?? throw new IOException("the machine's helper ended right after it had started");
        process.Detach();
        log.Started(sandboxId, helper.Process.ProcessId);
        return helper;
    }

    private IReadOnlyList<string> Arguments(ProcessIdentity qemu, SandboxLayout layout) =>
    [
        "machine-helper",
        qemu.ProcessId.ToString(CultureInfo.InvariantCulture),
        qemu.StartTicks.ToString(CultureInfo.InvariantCulture),
        GuestConfigFile.GatewayPort.ToString(CultureInfo.InvariantCulture),
        options.SupervisorEndpoint.Text,
        layout.ConsoleSocketPath,
        layout.HelperSocketPath,
        layout.ConsolePath,
    ];
}
