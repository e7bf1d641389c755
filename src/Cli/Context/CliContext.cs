using OpenShell.Cli.Text;

namespace OpenShell.Cli.Context;

/// <summary>What a command gets from the outside world.</summary>
internal sealed record CliContext(CliConsole Console, CliEnvironment Environment, TimeProvider Time, SignalSource Signals)
{
    /// <summary>Colours of standard output: none unless it is a terminal and NO_COLOR is absent.</summary>
    public Palette OutPalette => new(Console.OutIsTerminal && !Environment.NoColor);

    /// <summary>Colours of standard error.</summary>
    public Palette ErrorPalette => new(Console.ErrorIsTerminal && !Environment.NoColor);
}
