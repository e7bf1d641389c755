using OpenShell.Linux.Programs;
using OpenShell.Protocol;
using OpenShell.Protocol.Extensions.V1;
using OpenShell.Protocol.Policies;
using OpenShell.Supervisor.Clock;
using OpenShell.Supervisor.Exec;
using OpenShell.Supervisor.Gateway;
using OpenShell.Supervisor.Login;
using OpenShell.Supervisor.Logs;
using OpenShell.Supervisor.MainProcess;
using OpenShell.Supervisor.Policy;
using OpenShell.Supervisor.Polling;
using OpenShell.Supervisor.Processes;
using OpenShell.Supervisor.Relays;
using OpenShell.Supervisor.Sessions;
using OpenShell.Supervisor.Ssh;
using OpenShell.Supervisor.Users;

namespace OpenShell.Supervisor.Hosting;

/// <summary>Puts a running supervisor together: everything but how the machine came up and how it goes down.</summary>
/// <param name="sshPaths">Where its SSH server listens; null: it has none.</param>
/// <param name="clock">The clock that is to be kept right; null: it is not ours.</param>
internal sealed class SupervisorRuntime(
    GuestConfig config, DialEndpoint endpoint, SshPaths? sshPaths, IWallClock? clock, EventLoop loop, SupervisorLog log)
{
    // As long as an orderly end waits for the log.
    private static readonly TimeSpan LastLinesLimit = TimeSpan.FromSeconds(1);

    private readonly TimeProvider _time = TimeProvider.System;

    /// <summary>Serves the sandbox until <paramref name="stopping"/>, then ends what it started; its last lines go to the gateway.</summary>
    public async Task RunAsync(CancellationToken stopping)
    {
        var token = new SandboxToken(config.SandboxToken);
        var dialer = new GatewayDialer(endpoint);
        var confinement = new Confinement(config.Policy, config.ImageUser, log);
        RefuseAnotherPolicy(confinement);
        var planner = new LaunchPlanner(new UserDatabase("/etc"), new SandboxEnvironment(config.Environment), confinement.DefaultUser);
        var launcher = new ProcessLauncher(new Reaper(), loop, planner, confinement);
        using var logins = new LoginEnvironments(new LoginShell(launcher, _time).ReadAsync, planner, "/etc", log, _time);
        using var detached = new DetachedProcesses(_time);
        using var main = new MainProcessRunner(launcher, config.Command, config.Tty, config.AwaitMainProcessAttachment, log, _time);
        var sockets = new SocketDialer(_time);
        // Listens before the gateway knows of us.
        await using var ssh = SandboxSsh.TryStart(sshPaths, config.SandboxId, new LocalSshHandler(launcher, main, sockets, _time), log, _time);
        var identity = new SessionIdentity(config.SandboxId, config.InstanceId, ProgramVersion.Text, ssh?.Fingerprint ?? "");
        var targets = new RelayEndpoints(new ExecRelay(launcher, main, detached, logins, _time), ssh?.SocketPath, sockets, _time);
        using var connections = new RelayConnections(dialer);
        var relays = new ActiveRelays(targets, connections, token, log, _time);

        using var pusher = new LogPusher(dialer, config.SandboxId, token, log.Outbox, _time);
        var pushing = pusher.RunAsync(stopping);
        using var configuration = new ConfigurationReporter(
            new SandboxIdentity(config.SandboxName, identity), config.Policy, confinement, token, log, _time);
        var running = RunMainProcessAsync(main, new ExitReporter(dialer, identity, token, log, _time), configuration.Rejected, stopping);
        var synchronizer = clock is null ? null : new ClockSynchronizer(clock, _time, log);
        var duties = new SessionDuties(configuration, new TokenRefresher(token, log, _time));
        var epochs = new ConnectionEpochs(_time);
        var sessions = new ReconnectLoop(
            dialer,
            () => new GatewaySession(identity, token, relays, synchronizer, log, _time) { ConnectionEpoch = epochs.Next(), Beside = duties.RunAsync },
            log,
            _time);
        await sessions.RunAsync(stopping);
        await relays.StopAsync();
        await detached.StopAsync();
        await logins.StopAsync();
        await running;
        await pushing;
        await pusher.FlushAsync();
    }

    // The main process does not wait for the gateway; so what it runs under must be known to be the gateway's before it starts.
    private void RefuseAnotherPolicy(Confinement confinement)
    {
        if (TokenClaims.Read(config.SandboxToken).PolicyDigest is { Length: > 0 } admitted && admitted != StaticPolicy.Digest(config.Policy))
        {
            const string Reason = "the policy that came with the sandbox's machine is not the one that its token was made for";
            log.Error($"no process starts: {Reason}");
            confinement.Refuse(Reason);
        }
    }

    private async Task RunMainProcessAsync(
        MainProcessRunner main, ExitReporter reporter, CancellationToken rejected, CancellationToken stopping)
    {
        try
        {
            var code = await main.RunAsync(stopping, rejected);
            // A watcher that learns of its end finds its last lines in the log.
            await Task.WhenAny(log.Outbox.DeliverAsync(), Task.Delay(LastLinesLimit, _time, stopping));
            await reporter.ReportAsync(code, stopping);
            await main.Clients.DrainedAsync(stopping);
            await reporter.FinalizeAsync(stopping);
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // The sandbox is being stopped, so its end is no news.
        }
    }
}
