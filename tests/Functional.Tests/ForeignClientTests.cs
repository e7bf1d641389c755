namespace OpenShell.Functional;

/// <summary>A client on grpc-js against our gateway and our supervisor.</summary>
internal sealed class ForeignClientTests : FunctionalTest
{
    [Test]
    public Task Client_OnGrpcJs_EveryStepIsOk() => ForeignStack.RunClientAsync(
        Gateway, "health", "create", "watch", "exec", "interactive", "terminal", "forward", "ssh", "restart", "refusals", "delete");
}
