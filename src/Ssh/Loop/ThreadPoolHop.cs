namespace OpenShell.Ssh.Loop;

/// <summary>
/// Leaves the loop's thread for work that may take its time. The caller, on the loop, goes on in a later turn of it, after
/// everything that the work has posted: an await of a task that has ended meanwhile would go on at once, and ahead of it.
/// </summary>
internal static class ThreadPoolHop
{
    private const ConfigureAwaitOptions ThroughTheQueue = ConfigureAwaitOptions.ContinueOnCapturedContext | ConfigureAwaitOptions.ForceYielding;

    /// <summary>Runs a function on the thread pool. Awaited on the loop, its caller goes on there.</summary>
    public static async Task RunAsync(Func<Task> function) => await LeaveAsync(function).ConfigureAwait(ThroughTheQueue);

    /// <inheritdoc cref="RunAsync(Func{Task})"/>
    public static async Task<T> RunAsync<T>(Func<Task<T>> function) => await LeaveAsync(function).ConfigureAwait(ThroughTheQueue);

    private static async Task LeaveAsync(Func<Task> function)
    {
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        await function().ConfigureAwait(false);
    }

    private static async Task<T> LeaveAsync<T>(Func<Task<T>> function)
    {
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        return await function().ConfigureAwait(false);
    }
}
