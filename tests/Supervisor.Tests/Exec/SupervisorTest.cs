using OpenShell.Protocol.Extensions.V1;
using OpenShell.Supervisor.Tests.Fakes;

namespace OpenShell.Supervisor.Tests.Exec;

/// <summary>Processes through a real supervisor, which is PID 1 of its namespace; one for all tests of a fixture.</summary>
public abstract class SupervisorTest
{
    private protected SupervisorProcess Supervisor { get; private set; } = null!;

    private protected FakeGateway Gateway => Supervisor.Gateway;

    [OneTimeSetUp]
    public async Task StartSupervisor() => Supervisor = await SupervisorProcess.StartWithSessionAsync(Configure);

    [OneTimeTearDown]
    public ValueTask StopSupervisor() => Supervisor.DisposeAsync();

    /// <summary>Changes what the supervisor is told at its start.</summary>
    private protected virtual void Configure(GuestConfig config)
    {
    }

    /// <summary>Runs a line of shell to its end; with <paramref name="end"/> its input ends before.</summary>
    private protected async Task<ExecOutcome> RunAsync(string script, bool end = false)
    {
        await using var call = await Gateway.ExecAsync("sh", "-c", script);
        if (end)
        {
            await call.EndInputAsync();
        }

        return await call.ReadToExitAsync();
    }
}
