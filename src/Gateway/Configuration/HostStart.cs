namespace OpenShell.Gateway.Configuration;

/// <summary>For loops that must not begin before the listeners are bound: a gateway that cannot listen starts nothing.</summary>
internal static class HostStart
{
    /// <returns>False if the start failed or was given up.</returns>
    public static async Task<bool> HasStartedAsync(this IHostApplicationLifetime lifetime, CancellationToken cancellationToken)
    {
        var started = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var registration = lifetime.ApplicationStarted.UnsafeRegister(static t => ((TaskCompletionSource)t!).TrySetResult(), started);
        await using var givenUp = cancellationToken.UnsafeRegister(static t => ((TaskCompletionSource)t!).TrySetResult(), started);
        await started.Task;
        return !cancellationToken.IsCancellationRequested;
    }
}
