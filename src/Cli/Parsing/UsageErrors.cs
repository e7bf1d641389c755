using System.CommandLine;
using OpenShell.Cli.Context;
using OpenShell.Cli.Output;

namespace OpenShell.Cli.Parsing;

/// <summary>Explains a command line that cannot be understood: what is wrong, what was probably meant, where help is.</summary>
internal static class UsageErrors
{
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
            return Unmatched(command, unmatched);
        }

        if (command.Action is null && command.Subcommands.Count > 0)
        {
            return $"'{Path(command)}' needs a subcommand: {string.Join(", ", Visible(command).Select(sub => sub.Name))}";
        }

        var message = parsed.Errors[0].Message.TrimEnd('.');
        return message.Length > 0 ? char.ToLowerInvariant(message[0]) + message[1..] : "the command line is not understood";
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

        return command.Subcommands.Count > 0
            ? $"unrecognized subcommand '{word}'{Suggestion(word, Visible(command).SelectMany(sub => sub.Aliases.Append(sub.Name)))}"
            : $"unexpected argument '{word}'";
    }

    private static string Suggestion(string word, IEnumerable<string> candidates) =>
        Spelling.Nearest(word, candidates) is { } nearest ? $"; did you mean '{nearest}'?" : "";

    private static IEnumerable<Command> Visible(Command command) => command.Subcommands.Where(sub => !sub.Hidden);

    private static IEnumerable<string> Options(Command command)
    {
        var own = command.Options.Where(option => !option.Hidden);
        var inherited = Ancestors(command).Skip(1).SelectMany(ancestor => ancestor.Options.Where(option => option.Recursive));
        return own.Concat(inherited).SelectMany(option => option.Aliases.Append(option.Name));
    }

    private static string Shape(Command command)
    {
        if (command.Subcommands.Count > 0)
        {
            return "<COMMAND> [OPTIONS]";
        }

        var arguments = command.Arguments.Select(argument => argument switch
        {
            CommandWords => "[-- CMD...]",
            { Arity.MinimumNumberOfValues: 0, Arity.MaximumNumberOfValues: > 1 } => $"[{argument.Name}...]",
            { Arity.MinimumNumberOfValues: 0 } => $"[{argument.Name}]",
            _ => $"<{argument.Name}>",
        });
        return string.Join(' ', arguments.Prepend("[OPTIONS]"));
    }

    private static string Path(Command command) =>
        string.Join(' ', Ancestors(command).Reverse().Select(ancestor => ancestor is RootCommand ? "openshell" : ancestor.Name));

    private static IEnumerable<Command> Ancestors(Command command)
    {
        for (var current = command; current is not null; current = current.Parents.OfType<Command>().FirstOrDefault())
        {
            yield return current;
        }
    }
}
