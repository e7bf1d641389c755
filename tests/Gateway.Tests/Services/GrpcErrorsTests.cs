using Grpc.Core;
using OpenShell.Gateway.Store;
using OpenShell.Protocol.Outcomes;

namespace OpenShell.Gateway.Services;

public class GrpcErrorsTests
{
    [Test]
    public void ToException_EveryKind_IsTheStatusOfItsName()
    {
        foreach (var kind in Enum.GetValues<FailureKind>())
        {
            var error = new Failure(kind, "what and why").ToException();

            Assert.That(error.StatusCode, Is.EqualTo(Enum.Parse<StatusCode>(kind.ToString())));
            Assert.That(error.Status.Detail, Is.EqualTo("what and why"));
        }
    }

    [Test]
    public void OrThrow_Outcome_IsTheValueOrTheFailure()
    {
        Outcome<string> value = "value";
        Outcome<string> failure = new Failure(FailureKind.NotFound, "sandbox 'x' not found");

        Assert.That(value.OrThrow(), Is.EqualTo("value"));
        Assert.That(() => failure.OrThrow(), Throws.TypeOf<RpcException>().With.Property("StatusCode").EqualTo(StatusCode.NotFound));
    }

    [Test]
    public void ToException_BrokenStore_IsUnavailable() => Assert.That(
        new StoreUnavailableException("the disk is full").ToException().Status, Is.EqualTo(new Status(StatusCode.Unavailable, "the disk is full")));
}
