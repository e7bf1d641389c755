using System.CommandLine;
using System.CommandLine.Parsing;
using OpenShell.Cli.Context;

namespace OpenShell.Cli.Parsing;

/// <summary><c>--tty</c> and <c>--no-tty</c>.</summary>
internal sealed class TtyOptions
{
    private readonly Flag _tty = new("--tty", "Run the command on a terminal [default: when input and output are terminals]", "-t");
    private readonly Flag _interactive = new("--interactive", "Pass standard input on; that is the default, this is for who is used to -it", "-i");
    private readonly Flag _noTty = new("--no-tty", "Run the command without a terminal");

    public void AddTo(Command command)
    {
        command.Options.Add(_tty);
        command.Options.Add(_interactive);
        command.Options.Add(_noTty);
        command.Validators.Add(result =>
        {
            if (result.GetValue(_tty) && result.GetValue(_noTty))
            {
                result.AddError("--tty and --no-tty exclude each other");
            }
        });
    }

    /// <summary>Whether a terminal was asked for, wherever we run.</summary>
    public bool IsAsked(SymbolResult result) => result.GetValue(_tty);

    /// <summary>Whether standard input was asked for.</summary>
    public bool IsInteractive(SymbolResult result) => result.GetValue(_interactive);

    /// <summary>Whether --no-tty was given.</summary>
    public bool IsRefused(ParseResult parsed) => parsed.GetValue(_noTty);

    public bool Of(ParseResult parsed, CliConsole console) =>
        parsed.GetValue(_tty) || (!parsed.GetValue(_noTty) && console.InputIsTerminal && console.OutIsTerminal);
}
