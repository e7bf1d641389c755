using OpenShell.Linux.Processes;
using OpenShell.Linux.Programs;
using OpenShell.Protocol;
using OpenShell.Supervisor.Boot;
using OpenShell.Supervisor.Logs;
using OpenShell.Supervisor.Polling;
using OpenShell.Supervisor.Power;
using OpenShell.Supervisor.Ssh;

namespace OpenShell.Supervisor.Hosting;

/// <summary><c>openshell-supervisor run --config FILE [--ssh-socket-path PATH]</c>: the supervisor without a machine around it.</summary>
internal static class HostCommand
{
    private const int FirstProcess = 1;

    public static async Task<int> RunAsync(string configPath, string? sshSocketPath)
    {
        var log = new SupervisorLog();
        try
        {
            var config = GuestConfigFile.Read(configPath);
            log.Level = SupervisorLog.ParseLevel(config.LogLevel);
            if (!DialEndpoint.TryParse(config.Endpoint, out var endpoint, out var error))
            {
                log.Error(error);
                return ExitCodes.Usage;
            }

            // Orphans come to us either way: as PID 1 of a namespace, or because we ask for them.
            if (CurrentProcess.GetPid() != FirstProcess)
            {
                ChildProcess.BecomeSubreaper();
            }

            // A process needs three, and a static executable starts with the shell's soft limit.
            ResourceLimits.RaiseOpenFiles(ResourceLimits.OpenFilesHard());
            var loop = new EventLoop();
            using var signals = new StopSignals(loop);
            using var stopping = new CancellationTokenSource();
            var host = new SupervisorRuntime(config, endpoint, SshPaths.OfHost(sshSocketPath), null, loop, log).RunAsync(stopping.Token);
            await await Task.WhenAny(signals.WaitAsync(CancellationToken.None), host);
            await stopping.CancelAsync();
            await host;
            return ExitCodes.Ok;
        }
        catch (BootException e)
        {
            log.Error(e.Message);
            return ExitCodes.Failed;
        }
    }
}
