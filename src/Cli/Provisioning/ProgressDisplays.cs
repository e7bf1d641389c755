using OpenShell.Cli.Context;
using OpenShell.Cli.Output;

namespace OpenShell.Cli.Provisioning;

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
