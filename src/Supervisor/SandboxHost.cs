using OpenShell.Protocol;
using OpenShell.Protocol.Extensions.V1;
using OpenShell.Supervisor.Execs;
using OpenShell.Supervisor.Logs;
using OpenShell.Supervisor.MainProcess;
using OpenShell.Supervisor.Polling;
using OpenShell.Supervisor.Processes;
using OpenShell.Supervisor.Relays;
using OpenShell.Supervisor.Sessions;
using OpenShell.Supervisor.Users;

namespace OpenShell.Supervisor;

/// <summary>Puts a running supervisor together: everything but how the machine came up and how it goes down.</summary>
internal sealed class SandboxHost(GuestConfig config, DialEndpoint endpoint, EventLoop loop, SupervisorLog log)
{
    public const string SshSocketPath = "/run/openshell/ssh.sock";

    private readonly TimeProvider _time = TimeProvider.System;

    /// <summary>Serves the sandbox until <paramref name="stopping"/>, then ends what it started; its last lines go to the gateway.</summary>
    public async Task RunAsync(CancellationToken stopping)
    {
        var token = new SandboxToken(config.SandboxToken);
        var identity = new SessionIdentity(config.SandboxId, config.InstanceId, SupervisorVersion.Text);
        var dialer = new GatewayDialer(endpoint);
        var launcher = new ProcessLauncher(new Reaper(), loop, new UserDatabase("/etc"), new SandboxEnvironment(config.Environment));
        var targets = new RelayTargets(new ExecRelay(launcher, _time), SshSocketPath, _time);
        using var connections = new RelayConnections(dialer);
        var relays = new ActiveRelays(targets, connections, token, log, _time);

        using var pusher = new LogPusher(dialer, config.SandboxId, token, log.Outbox, _time);
        var pushing = pusher.RunAsync(stopping);
        var main = RunMainProcessAsync(launcher, new ExitReporter(dialer, identity, token, log, _time), stopping);
        await new SessionLoop(dialer, identity, token, relays, log, _time).RunAsync(stopping);
        await relays.StopAsync();
        await main;
        await pushing;
        await pusher.FlushAsync();
    }

    private async Task RunMainProcessAsync(ProcessLauncher launcher, ExitReporter reporter, CancellationToken stopping)
    {
        if (config.Command.Count == 0)
        {
            return;
        }

        try
        {
            var code = await new MainProcessRunner(launcher, log, _time).RunAsync(config.Command, config.Tty, stopping);
            await reporter.ReportAsync(code, stopping);
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // Whoever stops the sandbox knows.
        }
    }
}
