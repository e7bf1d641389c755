using OpenShell.Driver.Vm.Configuration;
using OpenShell.Driver.Vm.Processes;

namespace OpenShell.Driver.Vm.Helpers;

/// <summary>Whether this host lets us give each QEMU a network namespace of its own. Found out once, by trying.</summary>
internal sealed class NetworkIsolation
{
    private const int ExitNotAllowed = 4;

    private readonly DriverOptions _options;
    private readonly HelperLog _log;
    private readonly Lazy<Task<string?>> _problem;

    public NetworkIsolation(DriverOptions options, HelperLog log)
    {
        _options = options;
        _log = log;
        _problem = new Lazy<Task<string?>>(FindProblemAsync);
    }

    /// <summary>What people have to know where there is none; null: machines are isolated.</summary>
    /// <exception cref="IOException">It cannot be found out: the supervisor cannot be started.</exception>
    public Task<string?> GetProblemAsync() => _problem.Value;

    private async Task<string?> FindProblemAsync()
    {
        // Created off the caller's path: whoever asks first must not run it under its own locks.
        await Task.Yield();
        await using var trial = StartingProcess.Start(_options.SupervisorPath, ["launch", "--network", "own", "--", "/"]);
        if (await trial.WaitUntilReadyAsync(CancellationToken.None) is not { } reason)
        {
            // Disposing ends it: it has tried what it was to try.
            return null;
        }

        if (trial.ExitCode != ExitNotAllowed)
        {
            throw new IOException(reason);
        }

        var problem = $"machines share the host's network, and QEMU's network library alone keeps them from it ({reason}); "
            + "run the driver as root with CAP_SYS_ADMIN, or allow unprivileged user namespaces";
        _log.NotIsolated(problem);
        return problem;
    }
}
