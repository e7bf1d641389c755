using OpenShell.Cli.Tests.Fakes;

namespace OpenShell.Cli.Tests;

/// <summary>A fake gateway, and a command line that talks to it.</summary>
internal abstract class GatewayTestBase
{
    protected FakeGateway Gateway { get; private set; } = null!;

    protected CliHarness Cli { get; private set; } = null!;

    [SetUp]
    public async Task StartGateway()
    {
        Gateway = await FakeGateway.StartAsync();
        Cli = new CliHarness();
        Cli.Use(Gateway);
    }

    [TearDown]
    public async Task StopGateway()
    {
        Cli.Dispose();
        await Gateway.DisposeAsync();
    }
}
