using OpenShell.Cli.Text;

namespace OpenShell.Cli.Context;

/// <summary>What a command gets from the outside world.</summary>
internal sealed record CliContext(CliConsole Console, CliEnvironment Environment, TimeProvider Time, SignalSource Signals)
{
    /// <summary>What --color asks for; null where it was not given. Set once, when the command line was read.</summary>
    public string? Color { get; set; }

    /// <summary>Colours of standard output: none unless it is a terminal and NO_COLOR is absent, or --color says otherwise.</summary>
    public Palette OutPalette => PaletteOf(Console.OutIsTerminal);

    /// <summary>Colours of standard error.</summary>
    public Palette ErrorPalette => PaletteOf(Console.ErrorIsTerminal);

    private Palette PaletteOf(bool isTerminal) => new((Color ?? Environment.Color) switch
    {
        "always" => true,
        "never" => false,
        _ => isTerminal && !Environment.NoColor,
    });
}
