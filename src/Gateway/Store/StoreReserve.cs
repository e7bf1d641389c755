using OpenShell.Linux.Files;

namespace OpenShell.Gateway.Store;

/// <summary>
/// Space beside the database that is given up when the disk is full, so that what exists can still be stopped, deleted and
/// said to be paused. Used by the store's loop only, but for <see cref="TryMake"/>, which may run beside it.
/// </summary>
/// <remarks>
/// 8 MiB: the log of SQLite grows to 4 MiB before it is used anew, and changes of rows that exist hardly grow the
/// database. Written, not only allotted: not every file system keeps what is beyond the end of a file.
/// </remarks>
/// <param name="path">The file; null has no reserve (a database in memory).</param>
internal sealed class StoreReserve(string? path)
{
    public const int Length = 8 << 20;

    // Never the last space of the disk: that is for whoever has been waiting for some.
    private const int RoomNeeded = 4 * Length;

    private readonly Lock _lock = new();

    /// <summary>Makes the reserve if it is missing and there is room.</summary>
    /// <returns>Whether it is there.</returns>
    public bool TryMake()
    {
        lock (_lock)
        {
            try
            {
                return path is not null && (IsThere(path) || (HasRoom(path) && Make(path)));
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // Somebody else took the room, or the directory is not ours to write: then there is none.
                return false;
            }
        }
    }

    /// <summary>Gives its space back to the disk.</summary>
    /// <returns>Whether there was some.</returns>
    public bool TryRelease()
    {
        lock (_lock)
        {
            if (path is null || !File.Exists(path))
            {
                return false;
            }

            try
            {
                File.Delete(path);
                return true;
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                return false;
            }
        }
    }

    private static bool IsThere(string path) => new FileInfo(path) is { Exists: true, Length: Length };

    private static bool HasRoom(string path) => new DriveInfo(Path.GetDirectoryName(path)!).AvailableFreeSpace >= RoomNeeded;

    private static bool Make(string path)
    {
        var temporary = path + ".new";
        try
        {
            File.Delete(temporary);
            using (var file = new FileStream(temporary, new FileStreamOptions
            {
                Mode = FileMode.CreateNew,
                Access = FileAccess.Write,
                UnixCreateMode = DurableFile.OwnerOnly,
            }))
            {
                var block = new byte[1 << 16];
                for (var written = 0; written < Length; written += block.Length)
                {
                    file.Write(block);
                }
            }

            File.Move(temporary, path, overwrite: true);
            return true;
        }
        catch (IOException)
        {
            File.Delete(temporary);
            throw;
        }
    }
}

/// <summary>Makes the store's reserve again when there is room.</summary>
internal sealed class StoreReserveLoop(StoreReserve reserve, TimeProvider time) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(10);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, time);
        do
        {
            reserve.TryMake();
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }
}
