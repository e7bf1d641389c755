using System.Net.Sockets;
using OpenShell.Linux.Files;

namespace OpenShell.Gateway.Configuration;

/// <summary>The gateway's own directory: mode 0700, one gateway at a time.</summary>
internal sealed class StateDirectory : IDisposable
{
    // EWOULDBLOCK, which is what a lock that another process holds gives.
    private const int WouldBlock = 11;

    private readonly FileStream _lock;

    private StateDirectory(string path, FileStream @lock) => (Path, _lock) = (path, @lock);

    public string Path { get; }

    /// <summary>Directory of the sockets.</summary>
    public string RunDirectory => System.IO.Path.Combine(Path, "run");

    /// <summary>Where this user's own programs connect, unless the options say another path.</summary>
    public string LocalSocket => System.IO.Path.Combine(RunDirectory, "gateway.sock");

    public string SupervisorSocket => System.IO.Path.Combine(RunDirectory, "supervisor.sock");

    public string DriverSocket => System.IO.Path.Combine(RunDirectory, "driver.sock");

    /// <summary>Makes the directory if it is missing and takes it for this process.</summary>
    /// <exception cref="IOException">It cannot be used, or another gateway uses it; the message says which.</exception>
    public static StateDirectory Open(string path)
    {
        try
        {
            Directory.CreateDirectory(path, PrivateFile.DirectoryMode);
            File.SetUnixFileMode(path, PrivateFile.DirectoryMode);
            var run = System.IO.Path.Combine(path, "run");
            Directory.CreateDirectory(run, PrivateFile.DirectoryMode);
            File.SetUnixFileMode(run, PrivateFile.DirectoryMode);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new IOException(
                $"cannot use the state directory {path}: {e.Message.TrimEnd('.')}; move what is there away, or give another one with --state-dir", e);
        }

        var lockPath = System.IO.Path.Combine(path, "gateway.lock");
        try
        {
            var held = new FileStream(lockPath, new FileStreamOptions
            {
                Mode = FileMode.OpenOrCreate,
                Access = FileAccess.ReadWrite,
                Share = FileShare.None,
                UnixCreateMode = DurableFile.OwnerOnly,
            });
            return new StateDirectory(path, held);
        }
        catch (IOException e) when (e.HResult == WouldBlock)
        {
            throw new IOException($"another gateway is using the state directory {path}; stop it or give another one with --state-dir", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new IOException($"the lock {lockPath} cannot be opened ({e.Message.TrimEnd('.')}); move what is there away", e);
        }
    }

    /// <summary>Removes a socket that a gateway which is gone has left; only we use the directory.</summary>
    /// <exception cref="IOException">The path is too long for a socket, or something else is there.</exception>
    public static UnixDomainSocketEndPoint PrepareSocket(string path)
    {
        try
        {
            var endPoint = new UnixDomainSocketEndPoint(path);
            if (FileStatus.Find(path, followLink: false) is { } there)
            {
                if (!there.IsSocket)
                {
                    throw new IOException($"{path} is there and is no socket; move it away");
                }

                File.Delete(path);
            }

            return endPoint;
        }
        catch (ArgumentException e)
        {
            throw new IOException($"the socket path {path} is longer than 107 bytes; give a shorter directory with --state-dir", e);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _lock.Dispose();
}
