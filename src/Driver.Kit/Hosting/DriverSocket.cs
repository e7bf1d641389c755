using System.Net.Sockets;
using System.Text;
using OpenShell.Linux.Files;
using OpenShell.Linux.Sockets;
using OpenShell.Protocol.Outcomes;

namespace OpenShell.Driver.Kit.Hosting;

/// <summary>
/// The socket that the driver serves on. Its directory is closed to other users before the socket is made, so there is
/// no moment at which they could reach it.
/// </summary>
public static class DriverSocket
{
    private const int MaxPathLength = 107;


    /// <summary>Makes the directory right and removes a socket that nobody serves any more.</summary>
    /// <returns>What stands in the way; null if nothing does.</returns>
    public static async Task<Failure?> PrepareAsync(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        var length = Encoding.UTF8.GetByteCount(path);
        if (length > MaxPathLength)
        {
            return new Failure(FailureKind.InvalidArgument, $"the socket path '{path}' has {length} bytes, {MaxPathLength} are possible");
        }

        return PrepareDirectory(Path.GetDirectoryName(path)!) ?? await RemoveStaleAsync(path);
    }

    /// <summary>Closes the socket file itself, once it exists.</summary>
    public static void Close(string path) => File.SetUnixFileMode(path, DurableFile.OwnerOnly);

    private static Failure? PrepareDirectory(string directory)
    {
        try
        {
            Directory.CreateDirectory(directory, PrivateFile.DirectoryMode);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return new Failure(
                FailureKind.Internal,
                $"cannot use the socket's directory {directory} ({e.Message.TrimEnd('.')}); move what is there away, or give another --socket");
        }

        if (FileStatus.Find(directory, followLink: false) is not { IsDirectory: true })
        {
            return new Failure(
                FailureKind.PermissionDenied,
                $"the socket's directory '{directory}' is a link or no directory; choose another one for --socket");
        }

        if (FileStatus.Find(directory, followLink: false)?.Owner != UnixPeer.CurrentUser)
        {
            return new Failure(
                FailureKind.PermissionDenied,
                $"the socket's directory '{directory}' belongs to another user; choose one of your own for --socket");
        }

        File.SetUnixFileMode(directory, PrivateFile.DirectoryMode);
        return null;
    }

    private static async Task<Failure?> RemoveStaleAsync(string path)
    {
        if (FileStatus.Find(path, followLink: false) is not { } status)
        {
            return null;
        }

        if (!status.IsSocket || status.Owner != UnixPeer.CurrentUser)
        {
            return new Failure(
                FailureKind.PermissionDenied,
                $"'{path}' exists and is not a socket of this user; it is left alone, choose another --socket");
        }

        if (await IsServedAsync(path))
        {
            return new Failure(FailureKind.Unavailable, $"another process serves on '{path}'");
        }

        File.Delete(path);
        return null;
    }

    private static async Task<bool> IsServedAsync(string path)
    {
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(path));
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
