namespace OpenShell.Vm;

/// <summary>A gateway, and its machines, for each test.</summary>
public abstract class VmTest : VmFixture
{
    [SetUp]
    public virtual Task StartAsync() => StartAllAsync();

    [TearDown]
    public virtual Task StopAsync() => StopAllAsync();
}
