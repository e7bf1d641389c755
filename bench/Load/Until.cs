using System.Diagnostics;

namespace OpenShell.Load;

/// <summary>
/// The waits of a run. Each has a name and a bound that only a hang breaks, and ends when the run is told to. Whatever was
/// waited for may have completed on the thread that polls sockets; what follows a wait is off it, and may block.
/// </summary>
internal static class Until
{
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(20);

    private static readonly CancellationTokenSource StopSource = new();

    /// <summary>What a wait may take beyond the time that it measures.</summary>
    public static TimeSpan Limit { get; set; } = TimeSpan.FromMinutes(2);

    /// <summary>The run is told to end.</summary>
    public static CancellationToken Stop => StopSource.Token;

    /// <summary>Tells the run to end.</summary>
    public static Task StopAsync() => StopSource.CancelAsync();

    /// <summary>Waits for a condition.</summary>
    /// <exception cref="TimeoutException">It did not hold in time.</exception>
    public static async Task TrueAsync(Func<Task<bool>> condition, string what)
    {
        for (var begun = Stopwatch.GetTimestamp(); !await EndsAsync(condition(), what);)
        {
            if (Stopwatch.GetElapsedTime(begun) > Limit)
            {
                throw Expired(what, Limit);
            }

            await Task.Delay(Look, Stop);
        }
    }

    /// <summary>Waits for the end of something.</summary>
    /// <param name="task">What is waited for; left alone when the bound is reached.</param>
    /// <param name="what">Its name, for the message.</param>
    /// <param name="measured">Time that it is meant to take.</param>
    /// <exception cref="TimeoutException">It did not end in time.</exception>
    public static async Task<T> EndsAsync<T>(Task<T> task, string what, TimeSpan measured = default)
    {
        var limit = Limit + measured;
        try
        {
            return await task.WaitAsync(limit, Stop);
        }
        catch (TimeoutException) when (!task.IsCompleted)
        {
            throw Expired(what, limit);
        }
        finally
        {
            await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        }
    }

    /// <inheritdoc cref="EndsAsync{T}(Task{T}, string, TimeSpan)"/>
    public static Task EndsAsync(Task task, string what, TimeSpan measured = default)
    {
        return EndsAsync(WithResultAsync(), what, measured);

        async Task<bool> WithResultAsync()
        {
            await task;
            return true;
        }
    }

    private static TimeoutException Expired(string what, TimeSpan limit) => new($"not within {limit.TotalSeconds} s: {what}");
}
