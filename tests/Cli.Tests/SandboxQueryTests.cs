using Grpc.Core;
using OpenShell.Cli.Tests.Fakes;
using OpenShell.Protocol.V1;

namespace OpenShell.Cli.Tests;

/// <summary>sandbox delete, stop and start, and what errors end with.</summary>
[TestFixture]
internal sealed class SandboxQueryTests : GatewayTestBase
{
    [Test]
    public async Task Delete_SomeUnknown_DeletesTheOthersAndExitsWithZero()
    {
        Gateway.Add("alpha");
        Gateway.Add("beta");

        var result = await Cli.RunAsync("sandbox", "delete", "nobody", "alpha", "beta");

        Assert.That(result.ExitCode, Is.Zero);
        Assert.That(result.Error, Is.EqualTo("! Sandbox nobody not found\n✓ Deleted sandbox alpha\n✓ Deleted sandbox beta\n"));
        Assert.That(Gateway.Sandboxes, Is.Empty);
    }

    [Test]
    public async Task Delete_All_DeletesEverySandbox()
    {
        Gateway.Add("alpha");
        Gateway.Add("beta");

        Assert.That((await Cli.RunAsync("sandbox", "delete", "--all")).ExitCode, Is.Zero);
        Assert.That(Gateway.Sandboxes, Is.Empty);
    }

    // Whatever became of the answer, what is said about the sandbox is what the gateway says of it afterwards.
    [TestCase("deleted", 0, "✓ Deleted sandbox alpha\n")]
    [TestCase("deleting", 5, "error: sandbox 'alpha' is not deleted yet: the driver is slow; delete it again to go on\n")]
    [TestCase("kept", 5, "error: sandbox 'alpha' was not deleted: the driver is slow\n")]
    public async Task Delete_AnswerIsAnError_SaysWhatBecameOfTheSandbox(string what, int exitCode, string said)
    {
        Gateway.Sandboxes.Add(FakeGateway.NewSandbox("alpha"));
        Gateway.Deleting = (sandbox, _) =>
        {
            if (what == "deleted")
            {
                Gateway.Sandboxes.Remove(sandbox);
            }

            sandbox.Status.Phase = what == "deleting" ? SandboxPhase.Deleting : SandboxPhase.Ready;
            throw new RpcException(new Status(StatusCode.Unavailable, "the driver is slow"));
        };

        var result = await Cli.RunAsync("sandbox", "delete", "alpha");

        Assert.That(result, Is.EqualTo(new CliResult(exitCode, "", said)));
    }

    [Test]
    public async Task Delete_Accepted_WaitsUntilTheIdIsGone()
    {
        Gateway.DeletionOutcome = DeletionOutcome.Accepted;
        Gateway.Add("alpha");
        Gateway.Watch = async (number, events, _) =>
        {
            if (number == 1)
            {
                await events.WriteAsync(WatchEvents.Snapshot("alpha", SandboxPhase.Deleting));
                Gateway.Add("alpha").Metadata.Id = "id-another";
            }
        };

        Assert.That(await Cli.RunAsync("sandbox", "delete", "alpha"), Is.EqualTo(new CliResult(0, "", "✓ Deleted sandbox alpha\n")));
        Assert.That(Gateway.Sandboxes.Single().Metadata.Id, Is.EqualTo("id-another"));
    }

    [Test]
    public async Task Delete_ConnectionBreaksAfterwards_IsDeleted()
    {
        Gateway.Sandboxes.Add(FakeGateway.NewSandbox("alpha"));
        Gateway.Deleting = (sandbox, context) =>
        {
            Gateway.Sandboxes.Remove(sandbox);
            context.GetHttpContext().Abort();
        };

        var result = await Cli.RunAsync("sandbox", "delete", "alpha");

        Assert.That(result, Is.EqualTo(new CliResult(0, "", "✓ Deleted sandbox alpha\n")));
    }

    [TestCase("sandbox", "delete")]
    [TestCase("sandbox", "delete", "--all", "alpha")]
    public async Task Delete_NeitherOrBothNamesAndAll_IsAUsageError(params string[] args) =>
        Assert.That((await Cli.RunAsync(args)).ExitCode, Is.EqualTo(2));

    [Test]
    public async Task Stop_Stopped_SaysSo()
    {
        Gateway.Add("alpha");

        Assert.That((await Cli.RunAsync("sandbox", "stop", "alpha")).Error, Is.EqualTo("✓ Stopped sandbox alpha\n"));
    }

    [TestCase(false, "sandbox", "stop", "alpha")]
    [TestCase(true, "sandbox", "stop", "alpha", "--force")]
    [TestCase(true, "sandbox", "stop", "--force", "alpha")]
    public async Task Stop_Force_IsToldToTheGateway(bool force, params string[] args)
    {
        Gateway.Add("alpha");

        Assert.That((await Cli.RunAsync(args)).ExitCode, Is.Zero);

        Assert.That(Gateway.LastStop!.Force, Is.EqualTo(force));
    }

    [Test]
    public async Task Start_Unimplemented_SaysThatTheGatewayCannot()
    {
        Gateway.Failure = new Status(StatusCode.Unimplemented, "not built");

        var result = await Cli.RunAsync("sandbox", "start", "alpha");

        Assert.That(result.ExitCode, Is.EqualTo(1));
        Assert.That(result.Error, Does.Contain("cannot do this"));
    }

    [TestCase(StatusCode.NotFound, 3)]
    [TestCase(StatusCode.PermissionDenied, 4)]
    [TestCase(StatusCode.Unauthenticated, 4)]
    [TestCase(StatusCode.Unavailable, 5)]
    [TestCase(StatusCode.DeadlineExceeded, 5)]
    [TestCase(StatusCode.InvalidArgument, 2)]
    [TestCase(StatusCode.AlreadyExists, 1)]
    [TestCase(StatusCode.FailedPrecondition, 1)]
    [TestCase(StatusCode.Internal, 1)]
    public async Task Status_EveryCode_HasItsExitCode(StatusCode status, int exitCode)
    {
        Gateway.Failure = new Status(status, "because of this");

        Assert.That((await Cli.RunAsync("sandbox", "list")).ExitCode, Is.EqualTo(exitCode));
    }
}
