namespace OpenShell.Gateway.Sessions;

public class SupervisorSessionTests
{
    private static readonly SessionCommand Command = new CloseRelayCommand("c", "r");

    [Test]
    public void TrySend_Alive_QueuesInOrder()
    {
        using var session = Session();

        Assert.That(session.TrySend(Command), Is.True);
        Assert.That(session.TrySend(new CloseRelayCommand("d", "r")), Is.True);

        Assert.That(session.Commands.TryRead(out var first), Is.True);
        Assert.That(first, Is.EqualTo(Command));
    }

    [Test]
    public void TrySend_SupervisorReadsNothing_EndsAsStuck()
    {
        using var session = Session();
        var sent = 0;
        while (session.TrySend(Command))
        {
            sent++;
        }

        Assert.That((sent, session.EndReason), Is.EqualTo((1024, SessionEnd.Stuck)));
        Assert.That(session.Ended.IsCancellationRequested, Is.True);
    }

    [Test]
    public void TrySend_AfterTheEnd_IsFalseAndKeepsTheReason()
    {
        using var session = Session();
        session.End(SessionEnd.Silent);

        Assert.That(session.TrySend(Command), Is.False);
        Assert.That(session.EndReason, Is.EqualTo(SessionEnd.Silent));
    }

    [Test]
    public void End_Twice_KeepsTheFirstReason()
    {
        using var session = Session();

        session.End(SessionEnd.Superseded);
        session.End(SessionEnd.PeerGone);

        Assert.That(session.EndReason, Is.EqualTo(SessionEnd.Superseded));
        Assert.That(session.Commands.Completion.IsCompleted, Is.True);
    }

    [Test]
    public void Dispose_Alive_EndsAsPeerGone()
    {
        var session = Session();

        session.Dispose();

        Assert.That(session.EndReason, Is.EqualTo(SessionEnd.PeerGone));
    }

    [Test]
    public void SessionId_OfTwo_Differs()
    {
        var (one, other) = (Session(), Session());

        Assert.That(one.SessionId, Is.Not.EqualTo(other.SessionId));
    }

    private static SupervisorSession Session() => new("a", "instance", 1, "1", []);
}
