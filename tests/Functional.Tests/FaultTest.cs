using System.Diagnostics;
using System.Globalization;
using Grpc.Core;
using OpenShell.Protocol.V1;
using OpenShell.TestKit;

namespace OpenShell.Functional;

/// <summary>Base of the tests of what breaks: short heartbeats, and nothing may be left over at the end.</summary>
public abstract class FaultTest : FunctionalTest
{
    /// <summary>Far above what is needed, and below what the defaults (45 s of silence) would take.</summary>
    protected static readonly TimeSpan Soon = TimeSpan.FromSeconds(20);

    protected Sandbox Sandbox { get; private set; } = null!;

    protected string Id => Sandbox.Metadata.Id;

    protected string Name => Sandbox.Metadata.Name;

    protected HostMachine Machine => Driver.Service.Machine(Id);

    protected override string[] GatewayArguments => ["--heartbeat-interval", "1"];

    [SetUp]
    public async Task CreateSandboxAsync() => Sandbox = await Gateway.CreateReadyAsync();

    [TearDown]
    public Task CheckLeftoversAsync() => Gateway.AssertStopsWithNothingLeftAsync();

    protected ExecSandboxRequest Request(params string[] command) => new() { SandboxId = Id, Command = { command } };

    protected Task<Sandbox> BecomesAsync(SandboxPhase phase) => Gateway.WaitForPhaseAsync(Name, phase, Soon);

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
                    var outcome = await Eventually.EndsAsync(Gateway.ExecAsync(Request("echo", "back")), "an exec after the fault", Soon);
                    return outcome.Text == "back\n";
                }
                catch (RpcException e) when (e.StatusCode is StatusCode.FailedPrecondition or StatusCode.Unavailable or StatusCode.DeadlineExceeded)
                {
                    last = e;
                    return false;
                }
            },
            () => $"an exec succeeds; the last one: {last?.Status}\n{Gateway.Log}",
            Soon);
        await BecomesAsync(SandboxPhase.Ready);
    }

    /// <summary>
    /// The gateway gives its sockets back, but for one: a supervisor connects for its logs when it has some to push.
    /// (Other descriptors are those of the runtime, which opens files when it wants.)
    /// </summary>
    protected Task SocketsReturnToAsync(int count) => Eventually.BecomesTrueAsync(
        () => Gateway.Sockets.Count <= count + 1, $"the gateway has at most {count} sockets again, and one for logs", TimeSpan.FromSeconds(20));

    /// <summary>Runs a program of the host, which must succeed.</summary>
    protected static void Run(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
        var error = process.StandardError.ReadToEnd();
        process.WaitForExit();
        Assert.That(process.ExitCode, Is.Zero, string.Create(CultureInfo.InvariantCulture, $"{program} {string.Join(' ', arguments)}: {error}"));
    }
}
