namespace OpenShell.GrpcAbstractions.Server;

public class ServerCallContextTests
{
    [Test]
    public async Task Members_ComeFromTheCore()
    {
        var context = new FakeContext { Status = Status.DefaultCancelled, WriteOptions = WriteOptions.Default };
        var sent = new Metadata();

        await context.WriteResponseHeadersAsync(sent);

        Assert.That(context.Method, Is.EqualTo("/s/m"));
        Assert.That(context.Host, Is.EqualTo("host"));
        Assert.That(context.Peer, Is.EqualTo("peer"));
        Assert.That(context.Deadline, Is.EqualTo(DateTime.MaxValue));
        Assert.That(context.Status, Is.EqualTo(Status.DefaultCancelled));
        Assert.That(context.WriteOptions, Is.SameAs(WriteOptions.Default));
        Assert.That(context.SentHeaders, Is.SameAs(sent));
        Assert.That(context.CancellationToken.CanBeCanceled, Is.False);
        Assert.That(context.RequestHeaders, Is.Empty);
        Assert.That(context.ResponseTrailers, Is.Empty);
        Assert.Throws<NotSupportedException>(() => context.CreatePropagationToken());
    }

    [Test]
    public void UserState_IsKeptForTheCall()
    {
        var context = new FakeContext();

        context.UserState["key"] = "value";

        Assert.That(context.UserState["key"], Is.EqualTo("value"));
    }

    [Test]
    public void AuthContext_WithIdentity_FindsIt()
    {
        var name = AuthProperty.Create("name", "ü"u8.ToArray());
        var context = new AuthContext("name", new() { ["name"] = [name], ["other"] = [AuthProperty.Create("other", [1])] });

        Assert.That(context.IsPeerAuthenticated, Is.True);
        Assert.That(context.PeerIdentity, Is.EqualTo(new[] { name }));
        Assert.That(name.Value, Is.EqualTo("ü"));
        Assert.That(context.Properties.Count(), Is.EqualTo(2));
        Assert.That(context.FindPropertiesByName("none"), Is.Empty);
    }

    [Test]
    public void AuthContext_WithoutIdentity_IsUnauthenticated()
    {
        var context = new AuthContext(null, []);

        Assert.That(context.IsPeerAuthenticated, Is.False);
        Assert.That(context.PeerIdentity, Is.Empty);
    }

    [Test]
    public void ContextPropagationOptions_Default_PropagatesBoth()
    {
        Assert.That(ContextPropagationOptions.Default.IsPropagateDeadline, Is.True);
        Assert.That(ContextPropagationOptions.Default.IsPropagateCancellation, Is.True);
        Assert.That(new ContextPropagationOptions(propagateDeadline: false).IsPropagateDeadline, Is.False);
    }

    private sealed class FakeContext : ServerCallContext
    {
        public Metadata? SentHeaders { get; private set; }

        protected override string MethodCore => "/s/m";

        protected override string HostCore => "host";

        protected override string PeerCore => "peer";

        protected override DateTime DeadlineCore => DateTime.MaxValue;

        protected override Metadata RequestHeadersCore { get; } = [];

        protected override CancellationToken CancellationTokenCore => CancellationToken.None;

        protected override Metadata ResponseTrailersCore { get; } = [];

        protected override Status StatusCore { get; set; }

        protected override WriteOptions? WriteOptionsCore { get; set; }

        protected override AuthContext AuthContextCore { get; } = new(null, []);

        protected override Task WriteResponseHeadersAsyncCore(Metadata responseHeaders)
        {
            SentHeaders = responseHeaders;
            return Task.CompletedTask;
        }

        protected override ContextPropagationToken CreatePropagationTokenCore(ContextPropagationOptions? options) =>
            throw new NotSupportedException();
    }
}
