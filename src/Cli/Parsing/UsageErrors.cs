using System.CommandLine;
using System.CommandLine.Parsing;
using OpenShell.Cli.Context;
using OpenShell.Cli.Output;

namespace OpenShell.Cli.Parsing;

/// <summary>Explains a command line that cannot be understood: what is wrong, what was probably meant, where help is.</summary>
internal static class UsageErrors
{
    private const int MostSuggestions = 3;

    public static int Print(CliContext context, ParseResult parsed)
    {
        var error = CliError.Usage(Explain(parsed));
        var command = Path(parsed.CommandResult.Command);
        var asJson = OutputOption.WantsJson(parsed);
        ErrorPrinter.Print(context, error, asJson);
        if (!asJson)
        {
            context.Console.Error.WriteLine($"Usage: {command} {Shape(parsed.CommandResult.Command)}");
            context.Console.Error.WriteLine($"Help:  {command} --help");
        }

        return error.ExitCode;
    }

    private static string Explain(ParseResult parsed)
    {
        var command = parsed.CommandResult.Command;
        if (parsed.UnmatchedTokens is [var unmatched, ..])
        {
            return Unmatched(CommandBefore(parsed, unmatched), unmatched);
        }

        if (command.Action is null && command.Subcommands.Count > 0)
        {
            return $"'{Path(command)}' needs a subcommand: {string.Join(", ", Visible(command).Select(sub => sub.Name))}";
        }

        var message = parsed.Errors[0].Message.TrimEnd('.');
        return message.Length > 0 ? char.ToLowerInvariant(message[0]) + message[1..] : "the command line is not understood";
    }

    // A word that leads nowhere, as in "image ls", is no word of a command that is named behind it.
    private static Command CommandBefore(ParseResult parsed, string word)
    {
        var before = parsed.Tokens.TakeWhile(token => token.Value != word);
        return TrailingCommand.Follow(
            parsed.RootCommandResult.Command, before.Where(token => token.Type == TokenType.Command).Select(token => token.Value)).Command;
    }

    /// <summary>The message for an option that <paramref name="command"/> does not have.</summary>
    public static string UnknownOption(Command command, string word)
    {
        // What is behind the = may be a secret.
        var option = word.Split('=')[0];
        var hint = command.Arguments.Any(argument => argument is CommandWords) ? "; put -- before a command that has options" : "";
        return $"unknown option '{option}'{Suggestion(option, Options(command))}{hint}";
    }

    private static string Unmatched(Command command, string word)
    {
        if (word.StartsWith('-'))
        {
            return UnknownOption(command, word);
        }

        return command.Subcommands.Count > 0 ? UnknownWord(command, word) : $"unexpected argument '{word}'";
    }

    /// <summary>The message for a word that is no subcommand of <paramref name="command"/>.</summary>
    public static string UnknownWord(Command command, string word)
    {
        var root = Ancestors(command).Last();
        var text = $"unrecognized subcommand '{word}'";
        if (command == root && ForeignWords.Find(word) is { } known)
        {
            return $"{text}; {known}";
        }

        // A word of another level, as it is, is likelier than one of this level that only looks like it.
        var elsewhere = Below(root).Where(sub => sub.Name == word || sub.Aliases.Contains(word)).Select(Path).Take(MostSuggestions).ToList();
        if (elsewhere.Count > 0)
        {
            return $"{text}; did you mean {string.Join(" or ", elsewhere.Select(path => $"'{path}'"))}?";
        }

        var here = Suggestion(word, Visible(command).SelectMany(sub => sub.Aliases.Append(sub.Name)));
        if (here.Length > 0)
        {
            return text + here;
        }

        var nearest = Spelling.Nearest(word, Below(root).Select(sub => sub.Name));
        return text + (nearest is null ? "" : $"; did you mean '{Path(Below(root).First(sub => sub.Name == nearest))}'?");
    }

    private static string Suggestion(string word, IEnumerable<string> candidates) =>
        Spelling.Nearest(word, candidates) is { } nearest ? $"; did you mean '{nearest}'?" : "";

    private static IEnumerable<Command> Visible(Command command) => command.Subcommands.Where(sub => !sub.Hidden);

    // The commands that do something, those of upper levels first.
    private static IEnumerable<Command> Below(Command command)
    {
        List<Command> level = [.. Visible(command)];
        while (level.Count > 0)
        {
            foreach (var sub in level.Where(sub => sub.Subcommands.Count == 0))
            {
                yield return sub;
            }

            level = [.. level.SelectMany(Visible)];
        }
    }

    private static IEnumerable<string> Options(Command command) =>
        TrailingCommand.OptionsOf(command).Where(option => !option.Hidden).SelectMany(option => option.Aliases.Append(option.Name));

    private static string Shape(Command command)
    {
        if (command.Subcommands.Count > 0)
        {
            return "<COMMAND> [OPTIONS]";
        }

        var arguments = command.Arguments.Select(argument => argument switch
        {
            CommandWords { TakesRest: true } => "[CMD...]",
            CommandWords => "[-- CMD...]",
            { Arity.MinimumNumberOfValues: 0, Arity.MaximumNumberOfValues: > 1 } => $"[{argument.Name}...]",
            { Arity.MinimumNumberOfValues: 0 } => $"[{argument.Name}]",
            _ => $"<{argument.Name}>",
        });
        return string.Join(' ', arguments.Prepend("[OPTIONS]"));
    }

    /// <summary>How a command is called: <c>openshell sandbox list</c>.</summary>
    public static string Path(Command command) =>
        string.Join(' ', Ancestors(command).Reverse().Select(ancestor => ancestor is RootCommand ? "openshell" : ancestor.Name));

    private static IEnumerable<Command> Ancestors(Command command)
    {
        for (var current = command; current is not null; current = current.Parents.OfType<Command>().FirstOrDefault())
        {
            yield return current;
        }
    }
}
