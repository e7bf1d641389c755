using System.Net.Sockets;
using OpenShell.Driver.Kit.Hosting;
using OpenShell.Linux.Files;
using OpenShell.Linux.Sockets;
using OpenShell.Protocol.Outcomes;
using OpenShell.TestKit;

namespace OpenShell.Driver.Kit.Tests.Hosting;

[TestFixture]
internal sealed class DriverSocketTests
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    private TestDirectory _directory = null!;

    private string SocketPath => _directory.File("d/driver.sock");

    [SetUp]
    public void SetUp() => _directory = new TestDirectory();

    [TearDown]
    public void TearDown() => _directory.Dispose();

    [Test]
    public async Task PrepareAsync_NoDirectory_MakesAClosedOne()
    {
        Assert.That(await DriverSocket.PrepareAsync(SocketPath), Is.Null);
        Assert.That(File.GetUnixFileMode(_directory.File("d")), Is.EqualTo(OwnerOnly));
    }

    [Test]
    public async Task PrepareAsync_OpenDirectory_IsClosed()
    {
        Directory.CreateDirectory(_directory.File("d"), OwnerOnly | UnixFileMode.OtherRead | UnixFileMode.OtherExecute);

        Assert.That(await DriverSocket.PrepareAsync(SocketPath), Is.Null);
        Assert.That(File.GetUnixFileMode(_directory.File("d")), Is.EqualTo(OwnerOnly));
    }

    [Test]
    public async Task PrepareAsync_LinkInPlaceOfTheDirectory_IsRefused()
    {
        Directory.CreateDirectory(_directory.File("elsewhere"));
        Directory.CreateSymbolicLink(_directory.File("d"), _directory.File("elsewhere"));

        Assert.That((await DriverSocket.PrepareAsync(SocketPath))!.Kind, Is.EqualTo(FailureKind.PermissionDenied));
    }

    [Test]
    public async Task PrepareAsync_StaleSocket_IsRemoved()
    {
        Directory.CreateDirectory(_directory.File("d"));
        using (var socket = Listen())
        {
        }

        // .NET removes the file with the listener; a killed process does not.
        if (!File.Exists(SocketPath))
        {
            using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            socket.Bind(new UnixDomainSocketEndPoint(SocketPath));
        }

        Assert.That(await DriverSocket.PrepareAsync(SocketPath), Is.Null);
        Assert.That(FileStatus.Find(SocketPath, followLink: false), Is.Null);
    }

    [Test]
    public async Task PrepareAsync_ServedSocket_IsLeftAlone()
    {
        Directory.CreateDirectory(_directory.File("d"));
        using var socket = Listen();

        Assert.That((await DriverSocket.PrepareAsync(SocketPath))!.Kind, Is.EqualTo(FailureKind.Unavailable));
        Assert.That(FileStatus.Find(SocketPath, followLink: false), Is.Not.Null);
    }

    [Test]
    public async Task PrepareAsync_OrdinaryFile_IsLeftAlone()
    {
        Directory.CreateDirectory(_directory.File("d"));
        await File.WriteAllTextAsync(SocketPath, "mine");

        Assert.That((await DriverSocket.PrepareAsync(SocketPath))!.Kind, Is.EqualTo(FailureKind.PermissionDenied));
        Assert.That(await File.ReadAllTextAsync(SocketPath), Is.EqualTo("mine"));
    }

    [Test]
    public async Task PrepareAsync_LongPath_IsRefusedWithItsLength()
    {
        var problem = await DriverSocket.PrepareAsync("/" + new string('x', 120));

        Assert.That(problem!.Message, Does.Contain("121 bytes"));
    }

    [Test]
    public async Task UserOf_OwnConnection_IsThisUser()
    {
        Directory.CreateDirectory(_directory.File("d"));
        using var listener = Listen();
        using var client = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await client.ConnectAsync(new UnixDomainSocketEndPoint(SocketPath));
        using var server = await listener.AcceptAsync();

        Assert.That(UnixPeer.UserOf(server), Is.EqualTo(UnixPeer.CurrentUser));
    }

    private Socket Listen()
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        socket.Bind(new UnixDomainSocketEndPoint(SocketPath));
        socket.Listen();
        return socket;
    }
}
