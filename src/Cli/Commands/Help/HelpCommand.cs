using System.CommandLine;
using OpenShell.Cli.Context;
using OpenShell.Cli.Parsing;

namespace OpenShell.Cli.Commands.Help;

/// <summary><c>openshell help [COMMAND…]</c>: as <c>COMMAND --help</c>.</summary>
internal sealed class HelpCommand : CliCommand
{
    private readonly ParserConfiguration _configuration;
    private readonly Argument<string[]> _words = new("COMMAND") { Description = "Words of a command, as sandbox create", Arity = ArgumentArity.ZeroOrMore };

    public HelpCommand(CliContext context, ParserConfiguration configuration)
        : base("help", "Show the help of a command", context)
    {
        _configuration = configuration;
        _words.CompletionSources.Add(completion =>
        {
            var root = completion.ParseResult.RootCommandResult.Command;
            var words = completion.ParseResult.GetValue(_words) ?? [];
            return TrailingCommand.Follow(root, words).Command.Subcommands.Where(command => !command.Hidden).Select(command => command.Name);
        });
        Arguments.Add(_words);
    }

    protected override Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var root = parsed.RootCommandResult.Command;
        var words = parsed.GetValue(_words) ?? [];
        (var command, var known) = TrailingCommand.Follow(root, words);
        return known == words.Length
            ? root.Parse([.. words, "--help"], _configuration).InvokeAsync(parsed.InvocationConfiguration, cancellationToken)
            : throw new CliException(CliError.Usage(
                command.Subcommands.Count > 0
                    ? UsageErrors.UnknownWord(command, words[known])
                    : $"'{UsageErrors.Path(command)}' has no subcommand '{words[known]}'"));
    }
}
