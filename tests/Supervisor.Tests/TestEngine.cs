using System.Text;
using OpenShell.Linux.Processes;
using OpenShell.Supervisor.Logs;
using OpenShell.Supervisor.Policy;
using OpenShell.Supervisor.Polling;
using OpenShell.Supervisor.Processes;
using OpenShell.Supervisor.Users;
using OpenShell.TestKit;

namespace OpenShell.Supervisor.Tests;

/// <summary>One reaper and one event loop for all tests: a process can have no second reaper.</summary>
internal static class TestEngine
{
    public static readonly TimeSpan Timeout = Eventually.Timeout;

    // A supervisor that is killed would leave its runtime's pipes in the temporary directory.
    private static readonly Dictionary<string, string> RuntimeVariables = new() { ["DOTNET_EnableDiagnostics"] = "0" };

    public static EventLoop Loop { get; } = new();

    public static Reaper Reaper { get; } = new();

    public static LaunchPlanner Planner { get; } = CreatePlanner(new Dictionary<string, string>());

    public static ProcessLauncher Launcher { get; } = CreateLauncher(new Dictionary<string, string>());

    public static ProcessLauncher CreateLauncher(Dictionary<string, string> environment) =>
        new(Reaper, Loop, CreatePlanner(environment), new Confinement(null, "", new SupervisorLog()));

    public static LaunchPlanner CreatePlanner(Dictionary<string, string> environment) =>
        new(new UserDatabase("/etc"), new SandboxEnvironment(environment), "");

    public static ProcessSpec Spec(params string[] argv) =>
        new(argv, RuntimeVariables, "", "", Terminal: null, LoginShell: false);

    public static RunningProcess Start(params string[] argv)
    {
        Signals.IgnoreBrokenPipes();
        return Launcher.Start(Spec(argv)).Succeeded(out var process, out var failure) ? process : throw new AssertionException(failure.Message);
    }

    public static async Task<ExitStatus> ExitOfAsync(RunningProcess process)
    {
        try
        {
            return await process.Exited.WaitAsync(Timeout);
        }
        catch (TimeoutException)
        {
            process.Signal(Signals.Kill);
            throw new TimeoutException($"Process {process.Pid} has not ended.");
        }
    }

    public static async Task<string> ReadAllAsync(PolledDescriptor output)
    {
        using var timeout = new CancellationTokenSource(Timeout);
        var text = new StringBuilder();
        var buffer = new byte[4096];
        int count;
        while ((count = await output.ReadAsync(buffer, timeout.Token)) > 0)
        {
            text.Append(Encoding.UTF8.GetString(buffer, 0, count));
        }

        return text.ToString();
    }

    /// <summary>Reads until the text has come.</summary>
    public static async Task WaitForTextAsync(PolledDescriptor output, string expected)
    {
        using var timeout = new CancellationTokenSource(Timeout);
        var text = new StringBuilder();
        var buffer = new byte[4096];
        while (!text.ToString().Contains(expected, StringComparison.Ordinal))
        {
            var count = await output.ReadAsync(buffer, timeout.Token);
            Assert.That(count, Is.Positive, $"The output ended without '{expected}': {text}");
            text.Append(Encoding.UTF8.GetString(buffer, 0, count));
        }
    }

    public static async Task UntilAsync(Func<bool> condition, string whatDidNotHappen)
    {
        using var timeout = new CancellationTokenSource(Timeout);
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(10));
        while (!condition())
        {
            try
            {
                await timer.WaitForNextTickAsync(timeout.Token);
            }
            catch (OperationCanceledException)
            {
                throw new TimeoutException(whatDidNotHappen);
            }
        }
    }
}
