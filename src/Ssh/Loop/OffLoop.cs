namespace OpenShell.Ssh.Loop;

/// <summary>Leaves the loop's thread for work that may take its time.</summary>
internal static class OffLoop
{
    /// <summary>Runs a function on the thread pool. Awaited on the loop, its caller goes on there.</summary>
    public static async Task RunAsync(Func<Task> function)
    {
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        await function().ConfigureAwait(false);
    }

    /// <inheritdoc cref="RunAsync(Func{Task})"/>
    public static async Task<T> RunAsync<T>(Func<Task<T>> function)
    {
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        return await function().ConfigureAwait(false);
    }
}
