using System.Globalization;

namespace OpenShell.Cli.Provisioning;

/// <summary>One line for each step, for logs and pipes: <c>[1.2s] Starting VM</c>.</summary>
internal sealed class LineProgress(TextWriter output, TimeProvider time) : IProgressDisplay
{
    public Task<T> ShowAsync<T>(Func<Action<string>, Task<T>> work)
    {
        var start = time.GetTimestamp();
        return work(step => output.WriteLine(
            string.Create(CultureInfo.InvariantCulture, $"[{time.GetElapsedTime(start).TotalSeconds:F1}s] {step}")));
    }
}
