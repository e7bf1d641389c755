using OpenShell.Gateway.Auth;
using OpenShell.TestKit;

namespace OpenShell.Gateway.Connections;

internal sealed class ConnectionRegistryTests
{
    private static readonly UserPrincipal Person = new("admin", "test");
    private readonly ManualTimeProvider _time = new();
    private ConnectionRegistry _connections = null!;

    [SetUp]
    public void Create() => _connections = Registry(1000);

    [Test]
    public void Add_OneMoreWithoutAToken_TheLongestIdleGoes()
    {
        var first = Add();
        var second = Add();
        var third = Add();
        // It did something since.
        Call(first);

        var fourth = Add();

        Assert.That(new[] { first, second, third, fourth }.Select(IsOpen), Is.EqualTo(new[] { true, false, true, true }));
        Assert.That(_connections.AnonymousCount, Is.EqualTo(3));
    }

    [Test]
    public void Add_OneMoreWhileOneHasACall_ThatOneStays()
    {
        var busy = Add();
        Assert.That(busy.Peer.TryBeginAnonymousCall(), Is.True);
        var idle = Add();
        Add();

        Add();

        Assert.That((IsOpen(busy), IsOpen(idle)), Is.EqualTo((true, false)));
    }

    [Test]
    public void AnonymousCall_OneMoreAtATime_IsRefused()
    {
        var peer = Add().Peer;
        for (var i = 0; i < 32; i++)
        {
            Assert.That(peer.TryBeginAnonymousCall(), Is.True);
        }

        Assert.That(peer.TryBeginAnonymousCall(), Is.False);
        peer.EndAnonymousCall();
        Assert.That(peer.TryBeginAnonymousCall(), Is.True);
    }

    [Test]
    public void Add_ThoseWithATokenTakeNoPlaceOfTheOthers()
    {
        var people = Enumerable.Range(0, 20).Select(_ => AddPerson()).ToList();
        Add();
        Add();
        Add();
        Add();

        Assert.That(people.Select(IsOpen), Is.All.True);
        Assert.That((_connections.AnonymousCount, _connections.AuthenticatedCount), Is.EqualTo((3, 20)));
    }

    [Test]
    public void Add_NoDescriptorLeft_OneWithoutATokenGoesAndThenNobodyComesIn()
    {
        _connections = Registry(4);
        var people = Enumerable.Range(0, 3).Select(_ => AddPerson()).ToList();
        var idle = Add();

        var last = AddPerson();
        Assert.That(IsOpen(idle), Is.False);

        Assert.That(_connections.TryAdd(new FakeConnection()), Is.False);
        Assert.That(people.Append(last).Select(IsOpen), Is.All.True);

        _connections.Remove(last.Peer);
        Assert.That(_connections.TryAdd(new FakeConnection()), Is.True);
    }

    [Test]
    public void Add_FewDescriptors_HalfOfThemStayForThoseWithAToken()
    {
        _connections = Registry(4);
        var first = Add();
        Add();
        Add();

        Assert.That((IsOpen(first), _connections.AnonymousCount), Is.EqualTo((false, 2)));
    }

    [Test]
    public void Authenticate_OneMoreOfASandbox_ItsOldestGoes()
    {
        var own = Enumerable.Range(0, 5).Select(_ => AddSandbox("a")).ToList();
        var other = AddSandbox("b");

        Assert.That(own.Select(IsOpen), Is.EqualTo(new[] { false, true, true, true, true }));
        Assert.That(IsOpen(other), Is.True);

        _connections.Remove(own[0].Peer);
        AddSandbox("a");
        Assert.That(IsOpen(own[1]), Is.False);
    }

    [Test]
    public void Remove_All_NothingIsLeft()
    {
        FakeConnection[] all = [Add(), AddPerson(), AddSandbox("a"), AddSandbox("a")];
        Array.ForEach(all, c => _connections.Remove(c.Peer));
        Array.ForEach(all, c => _connections.Remove(c.Peer));

        Assert.That((_connections.AnonymousCount, _connections.AuthenticatedCount), Is.EqualTo((0, 0)));
    }

    [Test]
    public void EndIdle_WithoutATokenAndWithoutACall_Ends()
    {
        var person = AddPerson();
        var idle = Add();
        var calling = Add();
        calling.Peer.TryBeginAnonymousCall();
        _time.Advance(TimeSpan.FromSeconds(9.9));
        _connections.EndIdle();
        Assert.That(IsOpen(idle), Is.True, "not yet");

        _time.Advance(TimeSpan.FromSeconds(1));
        _connections.EndIdle();

        Assert.That(new[] { person, idle, calling }.Select(IsOpen), Is.EqualTo(new[] { true, false, true }));
    }

    private ConnectionRegistry Registry(int descriptors) => new(
        new ConnectionOptions { MaxAnonymous = 3, MaxPerSandbox = 4 }, new DescriptorBudget(descriptors, 0), _time);

    private FakeConnection Add()
    {
        _time.Advance(TimeSpan.FromMilliseconds(1));
        var connection = new FakeConnection();
        Assert.That(_connections.TryAdd(connection), Is.True);
        return connection;
    }

    private FakeConnection AddPerson()
    {
        var connection = Add();
        connection.Peer.Authenticate(Person);
        return connection;
    }

    private FakeConnection AddSandbox(string id)
    {
        var connection = Add();
        connection.Peer.Authenticate(new SandboxPrincipal(id, 1, DateTimeOffset.MaxValue));
        return connection;
    }

    private void Call(FakeConnection connection)
    {
        _time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.That(connection.Peer.TryBeginAnonymousCall(), Is.True);
        connection.Peer.EndAnonymousCall();
    }

    private static bool IsOpen(FakeConnection connection) => connection.IsOpen;
}
