using System.Net.Sockets;

namespace OpenShell.Gateway.Hosting;

/// <summary>The gateway's own directory: mode 0700, one gateway at a time.</summary>
internal sealed class StateDirectory : IDisposable
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

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
            Directory.CreateDirectory(path, OwnerOnly);
            File.SetUnixFileMode(path, OwnerOnly);
            Directory.CreateDirectory(System.IO.Path.Combine(path, "run"), OwnerOnly);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new IOException($"cannot use the state directory {path}: {e.Message}; give another one with --state-dir", e);
        }

        try
        {
            var held = new FileStream(System.IO.Path.Combine(path, "gateway.lock"), new FileStreamOptions
            {
                Mode = FileMode.OpenOrCreate,
                Access = FileAccess.ReadWrite,
                Share = FileShare.None,
                UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
            });
            return new StateDirectory(path, held);
        }
        catch (IOException e)
        {
            throw new IOException($"another gateway is using the state directory {path}; stop it or give another one with --state-dir", e);
        }
    }

    /// <summary>Removes a socket that a gateway which is gone has left; only we use the directory.</summary>
    /// <exception cref="IOException">The path is too long for a socket.</exception>
    public static UnixDomainSocketEndPoint PrepareSocket(string path)
    {
        try
        {
            var endPoint = new UnixDomainSocketEndPoint(path);
            File.Delete(path);
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
