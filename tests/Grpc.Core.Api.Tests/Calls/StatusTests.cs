namespace OpenShell.GrpcAbstractions.Calls;

public class StatusTests
{
    [Test]
    public void ToString_NamesThePartsThatThereAre()
    {
        Assert.That(
            new Status(StatusCode.NotFound, "no such thing").ToString(),
            Is.EqualTo("Status(StatusCode=\"NotFound\", Detail=\"no such thing\")"));
        Assert.That(
            new Status(StatusCode.Internal, "broken", new IOException("pipe")).ToString(),
            Is.EqualTo("Status(StatusCode=\"Internal\", Detail=\"broken\", DebugException=\"System.IO.IOException: pipe\")"));
    }

    [Test]
    public void Defaults_AreWhatTheySay()
    {
        Assert.That(Status.DefaultSuccess, Is.EqualTo(new Status(StatusCode.OK, "")));
        Assert.That(Status.DefaultCancelled, Is.EqualTo(new Status(StatusCode.Cancelled, "")));
    }

    [Test]
    public void RpcException_CarriesStatusTrailersAndCause()
    {
        var cause = new IOException("pipe");
        var status = new Status(StatusCode.Aborted, "lost", cause);
        var trailers = new Metadata { { "key", "value" } };

        var plain = new RpcException(status);
        var full = new RpcException(status, trailers, "message");

        Assert.That(plain.Message, Is.EqualTo(status.ToString()));
        Assert.That(plain.InnerException, Is.SameAs(cause));
        Assert.That(plain.Trailers, Is.Empty);
        Assert.That(full.Message, Is.EqualTo("message"));
        Assert.That(full.StatusCode, Is.EqualTo(StatusCode.Aborted));
        Assert.That(full.Trailers, Is.SameAs(trailers));
        Assert.Throws<ArgumentNullException>(() => _ = new RpcException(status, (Metadata)null!));
    }

    /// <summary>The numbers are compiled into the real assemblies, so that no reference would show a change.</summary>
    [Test]
    public void EnumValues_AreTheContracts()
    {
        Assert.That(
            Enum.GetValues<StatusCode>().Order().Select(code => $"{(int)code} {code}"),
            Is.EqualTo(new[]
            {
                "0 OK", "1 Cancelled", "2 Unknown", "3 InvalidArgument", "4 DeadlineExceeded", "5 NotFound",
                "6 AlreadyExists", "7 PermissionDenied", "8 ResourceExhausted", "9 FailedPrecondition", "10 Aborted",
                "11 OutOfRange", "12 Unimplemented", "13 Internal", "14 Unavailable", "15 DataLoss", "16 Unauthenticated",
            }));
        Assert.That(
            Enum.GetValues<MethodType>(),
            Is.EqualTo(new[] { MethodType.Unary, MethodType.ClientStreaming, MethodType.ServerStreaming, MethodType.DuplexStreaming }));
        Assert.That(
            Enum.GetValues<ConnectivityState>().Select(state => state.ToString()),
            Is.EqualTo(new[] { "Idle", "Connecting", "Ready", "TransientFailure", "Shutdown" }));
        Assert.That((int)WriteFlags.BufferHint, Is.EqualTo(1));
        Assert.That((int)WriteFlags.NoCompress, Is.EqualTo(2));
    }
}
