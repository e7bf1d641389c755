namespace OpenShell.Supervisor.MainProcess;

/// <summary>
/// The one client whose input reaches the main process. Its reader paces the process, as a terminal would that is slow;
/// when it takes nothing for a second it is left behind.
/// </summary>
internal sealed class InputOwner(TimeProvider time)
{
    private static readonly TimeSpan StallTimeout = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(5);

    private OutputReader? _reader;

    /// <summary>Makes the client of this reader the owner. False: another one is.</summary>
    public bool TryTake(OutputReader reader) => Interlocked.CompareExchange(ref _reader, reader, null) is null;

    /// <summary>The owner has gone; another may take its place.</summary>
    public void Release() => Volatile.Write(ref _reader, null);

    /// <summary>Waits, if so many bytes would make the owner lose output, until it has caught up or is left behind.</summary>
    public async ValueTask WaitForAsync(int count)
    {
        if (Volatile.Read(ref _reader) is not { } reader || !reader.IsBehind(count))
        {
            return;
        }

        // Polled, without a signal: this is the rare case, and the reader's fast path stays without a lock.
        using var timer = new PeriodicTimer(PollInterval, time);
        var progress = (reader.Position, At: time.GetTimestamp());
        while (ReferenceEquals(Volatile.Read(ref _reader), reader) && reader.IsBehind(count))
        {
            if (reader.Position != progress.Position)
            {
                progress = (reader.Position, time.GetTimestamp());
            }
            else if (time.GetElapsedTime(progress.At) > StallTimeout)
            {
                return;
            }

            await timer.WaitForNextTickAsync();
        }
    }
}
