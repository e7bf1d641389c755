using System.Collections.Immutable;
using Google.Rpc;
using Grpc.Core;
using OpenShell.Gateway.Store;
using OpenShell.Protocol.Outcomes;
using Status = Grpc.Core.Status;

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

    [Test]
    public void ToException_NoFieldAndNoReason_HasNoDetails() =>
        Assert.That(GrpcErrors.InvalidArgument("spec is required").GetRpcStatus(), Is.Null);

    [Test]
    public void ToException_Field_IsABadRequestWithTheReasonInvalidArgument()
    {
        var error = GrpcErrors.InvalidField("spec.log_level", "log_level exceeds maximum length (33 > 32)");

        var details = error.GetRpcStatus()!;
        Assert.That((details.Code, details.Message), Is.EqualTo(((int)StatusCode.InvalidArgument, error.Status.Detail)));
        Assert.That(details.GetDetail<BadRequest>().FieldViolations.Single(), Is.EqualTo(new BadRequest.Types.FieldViolation
        {
            Field = "spec.log_level",
            Description = "log_level exceeds maximum length (33 > 32)",
        }));
        Assert.That(
            details.GetDetail<ErrorInfo>(), Is.EqualTo(new ErrorInfo { Reason = "INVALID_ARGUMENT", Domain = "openshell.nvidia.com" }));
    }

    [Test]
    public void ToException_VersionConflict_IsAbortedAndSaysHowToGoOn()
    {
        var error = Failure.VersionConflict("update", 7).ToException();

        Assert.That(
            error.Status,
            Is.EqualTo(new Status(StatusCode.Aborted, "update failed due to concurrent modification (current resource_version: 7)")));
        Assert.That(error.GetRpcStatus()!.GetDetail<ErrorInfo>(), Is.EqualTo(new ErrorInfo
        {
            Reason = "RESOURCE_VERSION_CONFLICT",
            Domain = "openshell.nvidia.com",
            Metadata = { ["recovery"] = "REFRESH_STATE", ["current_resource_version"] = "7" },
        }));
        Assert.That(Failure.VersionConflict("update", null).Message, Is.EqualTo("update failed due to concurrent modification"));
    }

    [Test]
    public void ToException_RetryAfter_IsARetryInfo()
    {
        var failure = new Failure(FailureKind.Unavailable, "later") { RetryAfter = TimeSpan.FromSeconds(3) };

        Assert.That(failure.ToException().GetRpcStatus()!.GetDetail<RetryInfo>().RetryDelay.Seconds, Is.EqualTo(3));
    }

    [Test]
    public void ToException_WordsOfAGuest_AreHarmlessInTheDetailsToo()
    {
        var failure = new Failure(FailureKind.InvalidArgument, "said \e[31m")
        {
            Field = "labels.\e[0m",
            Reason = "A_REASON",
            Metadata = ImmutableDictionary<string, string>.Empty.Add("word", "\u202eword"),
        };

        var details = failure.ToException().GetRpcStatus()!;

        Assert.That(details.Message, Is.EqualTo(@"said \x1b[31m"));
        Assert.That(details.GetDetail<BadRequest>().FieldViolations.Single().Field, Is.EqualTo(@"labels.\x1b[0m"));
        Assert.That(details.GetDetail<BadRequest>().FieldViolations.Single().Description, Is.EqualTo(@"said \x1b[31m"));
        Assert.That(details.GetDetail<ErrorInfo>().Metadata["word"], Is.EqualTo(@"\u202eword"));
    }

    [Test]
    public void ToException_LongText_LeavesTheTrailersSmall()
    {
        var error = GrpcErrors.InvalidField(new string('f', 100_000), new string('x', 100_000));

        Assert.That(error.Trailers.Get(GrpcErrors.DetailsTrailer)!.ValueBytes, Has.Length.LessThan(4096));
    }
}
