using OpenShell.Cli.Hosting;
using OpenShell.Cli.Output;

namespace OpenShell.Cli.Provisioning;

/// <summary>Chooses the display for a run.</summary>
internal static class ProgressDisplays
{
    public static IProgressDisplay For(CliHost host, OutputFormat format)
    {
        if (format != OutputFormat.Table)
        {
            return new SilentProgress();
        }

        return host.Console.ErrorIsTerminal
            ? new ChecklistProgress(host.Console.Display, !host.Environment.NoColor, host.Time)
            : new LineProgress(host.Console.Error, host.Time);
    }
}
