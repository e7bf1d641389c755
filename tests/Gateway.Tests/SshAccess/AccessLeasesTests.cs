using OpenShell.Protocol.Outcomes;

namespace OpenShell.Gateway.SshAccess;

public sealed class AccessLeasesTests
{
    private AccessLeases _table = null!;

    [SetUp]
    public void Create() => _table = new AccessLeases(new SshAccessOptions { MaxPerToken = 2, MaxPerSandbox = 3, MaxSshPerSandbox = 1 });

    [Test]
    public void TryCount_TokenIsFull_RefusedUntilOneIsOver()
    {
        var first = Counted("t", "a");
        Counted("t", "a");
        using var third = _table.Enter("t", "a");
        Assert.That(_table.TryCount(third), Is.EqualTo(new Failure(
            FailureKind.ResourceExhausted, "there are 2 forwarded streams with this token, which is the limit; close some, or raise the gateway's --max-forwards-per-token")));

        first.Dispose();
        Assert.That(_table.TryCount(third), Is.Null);
    }

    [Test]
    public void TryCount_SandboxIsFull_RefusedAndTheTokenKeepsItsPlace()
    {
        Counted("t", "a");
        Counted("u", "a");
        var third = Counted("u", "a");
        using var refused = _table.Enter("t", "a");
        Assert.That(_table.TryCount(refused)?.Message, Is.EqualTo("the sandbox has 3 forwarded streams, which is the limit; close some, or raise the gateway's --max-forwards-per-sandbox"));

        third.Dispose();
        Counted("t", "a");
    }

    [Test]
    public void TryCountConnection_SandboxIsFullOfStreams_HasPlacesOfItsOwn()
    {
        Counted("t", "a");
        Counted("u", "a");
        Counted("u", "a");
        using var ssh = _table.Enter("key", "a");
        using var another = _table.Enter("key", "a");
        Assert.That(_table.TryCountConnection(ssh), Is.Null);
        Assert.That(_table.TryCountConnection(another)?.Message, Does.Contain("1 SSH connections").And.Contain("--max-ssh-connections-per-sandbox"));
    }

    [Test]
    public void TryCount_StreamsThatOnlyEntered_TakeNoPlace()
    {
        for (var i = 0; i < 5; i++)
        {
            _table.Enter("t", "a");
        }

        Counted("t", "a");
    }

    [Test]
    public void EndSession_StreamEnteredBeforeItsTokenWasRead_IsEnded()
    {
        using var mine = _table.Enter("t", "a");
        using var other = _table.Enter("u", "a");
        _table.EndCredential("t", "revoked");
        _table.EndCredential("t", "again");
        Assert.That((mine.Ended.IsCancellationRequested, mine.EndReason), Is.EqualTo((true, "revoked")));
        Assert.That(other.Ended.IsCancellationRequested, Is.False);
    }

    private AccessLease Counted(string session, string sandbox)
    {
        var stream = _table.Enter(session, sandbox);
        Assert.That(_table.TryCount(stream), Is.Null);
        return stream;
    }
}
