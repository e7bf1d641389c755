using OpenShell.Linux.Files;

namespace OpenShell.Driver.Vm.Records;

/// <summary>Keeps two drivers from sharing a state directory.</summary>
internal sealed class StateLock : IDisposable
{
    // EWOULDBLOCK, which is what a lock that another process holds gives.
    private const int WouldBlock = 11;

    private readonly FileStream _file;

    private StateLock(FileStream file) => _file = file;

    /// <summary>Takes the lock, which the system gives back when this process ends, however it ends.</summary>
    /// <returns>Null if another process has it.</returns>
    /// <exception cref="IOException">The file cannot be opened; the message names it and says what to do.</exception>
    public static StateLock? TryTake(StateLayout layout)
    {
        try
        {
            return new StateLock(new FileStream(layout.LockPath, new FileStreamOptions
            {
                Mode = FileMode.OpenOrCreate,
                Access = FileAccess.ReadWrite,
                Share = FileShare.None,
                UnixCreateMode = DurableFile.OwnerOnly,
            }));
        }
        catch (IOException e) when (e.HResult == WouldBlock)
        {
            return null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new IOException($"the lock {layout.LockPath} cannot be opened ({e.Message.TrimEnd('.')}); move what is there away", e);
        }
    }

    public void Dispose() => _file.Dispose();
}
