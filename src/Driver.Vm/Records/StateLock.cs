namespace OpenShell.Driver.Vm.Records;

/// <summary>Keeps two drivers from sharing a state directory.</summary>
internal sealed class StateLock : IDisposable
{
    private readonly FileStream _file;

    private StateLock(FileStream file) => _file = file;

    /// <summary>Takes the lock, which the system gives back when this process ends, however it ends.</summary>
    /// <returns>Null if another process has it.</returns>
    public static StateLock? TryTake(StateLayout layout)
    {
        try
        {
            return new StateLock(new FileStream(layout.LockPath, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None));
        }
        catch (IOException)
        {
            return null;
        }
    }

    public void Dispose() => _file.Dispose();
}
