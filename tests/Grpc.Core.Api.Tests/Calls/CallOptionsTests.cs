namespace OpenShell.GrpcAbstractions.Calls;

public class CallOptionsTests
{
    [Test]
    public void Default_HasNothing()
    {
        foreach (var options in new[] { default, new CallOptions() })
        {
            Assert.That(options.Headers, Is.Null);
            Assert.That(options.Deadline, Is.Null);
            Assert.That(options.CancellationToken.CanBeCanceled, Is.False);
            Assert.That(options.WriteOptions, Is.Null);
            Assert.That(options.PropagationToken, Is.Null);
            Assert.That(options.Credentials, Is.Null);
            Assert.That(options.IsWaitForReady, Is.False);
        }
    }

    [Test]
    public void With_ChangesOnePartOfACopy()
    {
        using var source = new CancellationTokenSource();
        var headers = new Metadata();
        var deadline = new DateTime(2030, 1, 1, 0, 0, 0, DateTimeKind.Utc);
        var writeOptions = new WriteOptions(WriteFlags.NoCompress);
        var credentials = CallCredentials.FromInterceptor((_, _) => Task.CompletedTask);
        var original = default(CallOptions);

        var changed = original
            .WithHeaders(headers)
            .WithDeadline(deadline)
            .WithCancellationToken(source.Token)
            .WithWriteOptions(writeOptions)
            .WithCredentials(credentials)
            .WithWaitForReady();

        Assert.That(original, Is.EqualTo(default(CallOptions)));
        Assert.That(changed.Headers, Is.SameAs(headers));
        Assert.That(changed.Deadline, Is.EqualTo(deadline));
        Assert.That(changed.CancellationToken, Is.EqualTo(source.Token));
        Assert.That(changed.WriteOptions, Is.SameAs(writeOptions));
        Assert.That(changed.Credentials, Is.SameAs(credentials));
        Assert.That(changed.IsWaitForReady, Is.True);
        Assert.That(changed.WithWaitForReady(false).IsWaitForReady, Is.False);
        Assert.That(
            new CallOptions(headers, deadline, source.Token, writeOptions, null, credentials).WithWaitForReady(),
            Is.EqualTo(changed));
    }

    [Test]
    public void WriteOptions_Default_HasNoFlags() => Assert.That((int)WriteOptions.Default.Flags, Is.Zero);
}
