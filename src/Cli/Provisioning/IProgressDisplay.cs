using System.Globalization;
using OpenShell.Cli.Context;
using OpenShell.Cli.Output;

namespace OpenShell.Cli.Provisioning;

/// <summary>Shows the steps of an operation while the user waits.</summary>
internal interface IProgressDisplay
{
    /// <summary>Runs <paramref name="work"/>, which names each step as it begins, and shows the steps until it ends.</summary>
    Task<T> ShowAsync<T>(Func<Action<string>, Task<T>> work);
}

/// <summary>For <c>-o json</c> and <c>-o yaml</c>: programs wait for the result only.</summary>
internal sealed class SilentProgress : IProgressDisplay
{
    public Task<T> ShowAsync<T>(Func<Action<string>, Task<T>> work) => work(_ => { });
}

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

/// <summary>Chooses the display for a run.</summary>
internal static class ProgressDisplays
{
    public static IProgressDisplay For(CliContext context, OutputFormat format)
    {
        if (format != OutputFormat.Table)
        {
            return new SilentProgress();
        }

        return context.Console.ErrorIsTerminal
            ? new ChecklistProgress(context.Console.Display, !context.Environment.NoColor, context.Time)
            : new LineProgress(context.Console.Error, context.Time);
    }
}
