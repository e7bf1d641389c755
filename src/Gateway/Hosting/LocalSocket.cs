using System.Net.Sockets;
using OpenShell.Linux.Files;
using OpenShell.Linux.Sockets;

namespace OpenShell.Gateway.Hosting;

/// <summary>
/// The path of the socket for this user's own programs: in a directory that nobody else can write to, held by one gateway at a
/// time, and only ever a socket that a gateway which is gone has left is replaced.
/// </summary>
internal sealed class LocalSocket : IDisposable
{
    private readonly FileStream _lock;

    private LocalSocket(string path, FileStream @lock) => (Path, _lock) = (path, @lock);

    public string Path { get; }

    public UnixDomainSocketEndPoint EndPoint => new(Path);

    /// <summary>Takes the path for this process.</summary>
    /// <exception cref="IOException">It cannot be used; the message says why and what to do.</exception>
    public static LocalSocket Take(string path)
    {
        try
        {
            _ = new UnixDomainSocketEndPoint(path);
        }
        catch (ArgumentException e)
        {
            throw new IOException($"the socket path {path} is longer than 107 bytes; give a shorter one with --local-socket", e);
        }

        if (SocketDirectory.FindFault(path) is { } fault)
        {
            throw new IOException($"the local socket cannot be {path}: {fault}; or give another path with --local-socket");
        }

        var held = Lock(path);
        try
        {
            RemoveLeftOver(path);
            return new LocalSocket(path, held);
        }
        catch
        {
            held.Dispose();
            throw;
        }
    }

    /// <summary>Once it is bound: nobody else connects.</summary>
    public void Restrict() => File.SetUnixFileMode(Path, DurableFile.OwnerOnly);

    /// <inheritdoc/>
    public void Dispose() => _lock.Dispose();

    private static FileStream Lock(string path)
    {
        try
        {
            return new FileStream($"{path}.lock", new FileStreamOptions
            {
                Mode = FileMode.OpenOrCreate,
                Access = FileAccess.ReadWrite,
                Share = FileShare.None,
                UnixCreateMode = DurableFile.OwnerOnly,
            });
        }
        catch (UnauthorizedAccessException e)
        {
            throw new IOException($"the local socket cannot be {path}: {e.Message}; give another path with --local-socket", e);
        }
        catch (DirectoryNotFoundException e)
        {
            throw new IOException(
                $"the directory of the local socket {path} does not exist; make it with: mkdir -m 700, or give another path with --local-socket", e);
        }
        catch (IOException e)
        {
            throw new IOException($"another gateway is using the local socket {path}; stop it or give another path with --local-socket", e);
        }
    }

    // We hold the lock, so a socket that is left has no gateway. Whatever else is there is somebody's.
    private static void RemoveLeftOver(string path)
    {
        switch (FileStatus.Find(path, followLink: false))
        {
            case null:
                return;
            case { IsSocket: true }:
                File.Delete(path);
                return;
            default:
                throw new IOException(
                    $"{path} is in the place of the local socket and is no socket; move it away or give another path with --local-socket");
        }
    }
}
