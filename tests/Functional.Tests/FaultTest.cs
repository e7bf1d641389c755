using System.Diagnostics;
using System.Globalization;
using Grpc.Core;
using OpenShell.Protocol.V1;
using OpenShell.TestKit;

namespace OpenShell.Functional;

/// <summary>Base of the tests of what breaks: short heartbeats, and nothing may be left over at the end.</summary>
public abstract class FaultTest : FunctionalTest
{
    protected Sandbox Sandbox { get; private set; } = null!;

    protected string Id => Sandbox.Metadata.Id;

    protected string Name => Sandbox.Metadata.Name;

    protected NamespacedSupervisor Machine => Driver.Service.Machine(Id);

    protected override string[] GatewayArguments => ["--heartbeat-interval", "1"];

    [SetUp]
    public async Task CreateSandboxAsync() => Sandbox = await Gateway.CreateReadyAsync();

    [TearDown]
    public Task CheckLeftoversAsync() => Gateway.AssertStopsWithNothingLeftAsync();

    protected ExecSandboxRequest Request(params string[] command) => new() { WorkspaceScope = Scope.Default, Sandbox = Name, Command = { command } };

    protected Task<Sandbox> BecomesAsync(SandboxPhase phase) => Gateway.WaitForPhaseAsync(Name, phase);

    /// <summary>
    /// The sandbox is Ready and answers. Right after the end of a fault one side may not have noticed it yet: then an
    /// exec is refused or breaks, which is a stated end, too.
    /// </summary>
    protected async Task RecoversAsync()
    {
        RpcException? last = null;
        await Eventually.BecomesTrueAsync(
            async () =>
            {
                try
                {
                    var outcome = await Eventually.EndsAsync(Gateway.ExecAsync(Request("echo", "back")), "an exec after the fault");
                    return outcome.Text == "back\n";
                }
                catch (RpcException e) when (e.StatusCode is StatusCode.FailedPrecondition or StatusCode.Unavailable or StatusCode.DeadlineExceeded)
                {
                    last = e;
                    return false;
                }
            },
            () => $"an exec succeeds; the last one: {last?.Status}\n{Gateway.Log}");
        await BecomesAsync(SandboxPhase.Ready);
    }

    /// <summary>What the gateway and the sandbox's supervisor have open, after everything has been used once.</summary>
    protected async Task<Descriptors> DescriptorsAsync()
    {
        await RecoversAsync();
        return new Descriptors(OpenDescriptors.Of(Gateway.Pid), OpenDescriptors.Of(Machine.SupervisorPid));
    }

    /// <summary>
    /// A process gives back every descriptor, of whatever kind, but for one socket: a supervisor connects for its logs when
    /// it has some to push. The bound leaves time for what closes by itself.
    /// </summary>
    protected static Task ReturnsToAsync(params OpenDescriptors[] before) => Eventually.BecomesTrueAsync(
        () => Task.FromResult(before.All(b => b.Growth(furtherSockets: 1).Length == 0)),
        () => string.Join('\n', before.Select(b => $"no more descriptors than before, {b}; there are more of: {b.Growth(furtherSockets: 1)}")));

    /// <summary>Runs a program of the host, which must succeed.</summary>
    protected static void Run(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
        var error = process.StandardError.ReadToEnd();
        process.WaitForExit();
        Assert.That(process.ExitCode, Is.Zero, string.Create(CultureInfo.InvariantCulture, $"{program} {string.Join(' ', arguments)}: {error}"));
    }

    /// <summary>What both ends had open.</summary>
    protected sealed record Descriptors(OpenDescriptors Gateway, OpenDescriptors Supervisor);
}
