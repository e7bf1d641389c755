using System.Diagnostics;

namespace OpenShell.TestKit;

/// <summary>Waits for what must come to pass; the bound is there for hangs, not for timing.</summary>
public static class Eventually
{
    /// <summary>
    /// What only a hang takes, on a machine that gives a test a tenth of one core, too. Shorter ones say less, so there are
    /// none but where a product's own limit is what is tested.
    /// </summary>
    public static readonly TimeSpan Timeout = TimeSpan.FromMinutes(2);

    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(20);

    /// <summary>Waits until a condition holds; otherwise fails with what did not happen.</summary>
    public static Task BecomesTrueAsync(Func<bool> condition, string what, TimeSpan? timeout = null) =>
        BecomesTrueAsync(() => Task.FromResult(condition()), () => what, timeout);

    /// <summary>As above, for a condition that has to be asked for.</summary>
    public static async Task BecomesTrueAsync(Func<Task<bool>> condition, Func<string> what, TimeSpan? timeout = null)
    {
        var started = Stopwatch.GetTimestamp();
        while (!await condition())
        {
            if (Stopwatch.GetElapsedTime(started) > (timeout ?? Timeout))
            {
                throw new AssertionException($"did not happen within {timeout ?? Timeout}: {what()}");
            }

            await Task.Delay(Poll);
        }
    }

    /// <summary>The result of a task that must end; otherwise fails with what did not happen.</summary>
    public static async Task<T> EndsAsync<T>(Task<T> task, string what, TimeSpan? timeout = null)
    {
        try
        {
            return await task.WaitAsync(timeout ?? Timeout);
        }
        catch (TimeoutException)
        {
            throw new AssertionException($"did not end within {timeout ?? Timeout}: {what}");
        }
    }

    /// <summary>As above, for a task without a result.</summary>
    public static Task EndsAsync(Task task, string what, TimeSpan? timeout = null)
    {
        return EndsAsync(WithResultAsync(), what, timeout);

        async Task<bool> WithResultAsync()
        {
            await task;
            return true;
        }
    }
}
