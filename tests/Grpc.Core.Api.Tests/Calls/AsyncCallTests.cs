namespace OpenShell.GrpcAbstractions.Calls;

public class AsyncCallTests
{
    [Test]
    public async Task PlainDelegates_AreUsed()
    {
        var disposed = 0;
        var trailers = new Metadata();
        var headers = new Metadata();
        var call = new AsyncUnaryCall<string>(
            Task.FromResult("answer"),
            Task.FromResult(headers),
            () => Status.DefaultCancelled,
            () => trailers,
            () => disposed++);

        Assert.That(await call, Is.EqualTo("answer"));
        Assert.That(await call.ConfigureAwait(false), Is.EqualTo("answer"));
        Assert.That(await call.ResponseHeadersAsync, Is.SameAs(headers));
        Assert.That(call.GetStatus(), Is.EqualTo(Status.DefaultCancelled));
        Assert.That(call.GetTrailers(), Is.SameAs(trailers));
        call.Dispose();
        Assert.That(disposed, Is.EqualTo(1));
    }

    [Test]
    public async Task DelegatesWithState_AreGivenIt()
    {
        var state = new List<string>();
        var headers = new Metadata();
        var call = new AsyncDuplexStreamingCall<string, string>(
            null!,
            null!,
            seen => Note(seen, "headers", Task.FromResult(headers)),
            seen => Note(seen, "status", Status.DefaultSuccess),
            seen => Note(seen, "trailers", Metadata.Empty),
            seen => Note(seen, "dispose", 0),
            state);

        Assert.That(state, Is.Empty);
        Assert.That(await call.ResponseHeadersAsync, Is.SameAs(headers));
        call.GetStatus();
        call.GetTrailers();
        call.Dispose();
        Assert.That(state, Is.EqualTo(new[] { "headers", "status", "trailers", "dispose" }));
    }

    private static T Note<T>(object state, string what, T result)
    {
        ((List<string>)state).Add(what);
        return result;
    }
}
