using System.CommandLine;
using System.CommandLine.Completions;
using OpenShell.Cli.Context;
using OpenShell.Cli.Parsing;
using OpenShell.Cli.Text;
using OpenShell.Linux.Programs;

namespace OpenShell.Cli.Commands.Completion;

/// <summary>
/// <c>openshell __complete -- WORD… LAST</c>, for the completion scripts: prints what LAST, which may be empty, can
/// become, one on a line.
/// </summary>
internal sealed class CompleteCommand : Command
{
    public const string CommandName = "__complete";

    public CompleteCommand(CliContext context, ParserConfiguration configuration)
        : base(CommandName, "Answer a completion script")
    {
        Hidden = true;
        var words = new Argument<string[]>("WORDS") { Arity = ArgumentArity.ZeroOrMore };
        Arguments.Add(words);
        SetAction(parsed =>
        {
            foreach (var answer in Answers(parsed.RootCommandResult.Command, configuration, parsed.GetValue(words) ?? []))
            {
                context.Console.Out.WriteLine(SafeText.OneLine(answer));
            }

            return ExitCodes.Ok;
        });
    }

    private static IEnumerable<string> Answers(Command root, ParserConfiguration configuration, string[] words)
    {
        // After a lone --, or where one would be put, come words of a command in the sandbox, which are not completed.
        if (TrailingCommand.Separate(root, words).SkipLast(1).Contains("--"))
        {
            return [];
        }

        var last = words.Length > 0 ? words[^1] : "";
        var parsed = root.Parse(last.Length > 0 ? words : words.SkipLast(1).ToArray(), configuration);
        var items = Completions(parsed, words, last);
        return items
            .Select(item => item.InsertText ?? item.Label)
            .Where(text => text.StartsWith(last, StringComparison.Ordinal) && text[0] is not ('/' or '['))
            .Where(text => last.StartsWith('-') || !text.StartsWith('-'))
            .Distinct(StringComparer.Ordinal)
            .Order(StringComparer.Ordinal);
    }

    // After an option that needs a value come its values; otherwise the command completes.
    private static IEnumerable<CompletionItem> Completions(ParseResult parsed, string[] words, string last)
    {
        var context = parsed.GetCompletionContext();
        var before = words.Length > 1 ? words[^2] : null;
        var option = before is not null && before.StartsWith('-') ? Find(parsed.CommandResult.Command, before) : null;
        return option is { Arity.MaximumNumberOfValues: > 0 }
            ? option.GetCompletions(context)
            : parsed.CommandResult.Command.GetCompletions(context).Where(item => item.Label.StartsWith(last, StringComparison.Ordinal));
    }

    private static Option? Find(Command? command, string name)
    {
        var recursiveOnly = false;
        while (command is not null)
        {
            var found = command.Options.FirstOrDefault(option =>
                (!recursiveOnly || option.Recursive) && (option.Name == name || option.Aliases.Contains(name)));
            if (found is not null)
            {
                return found;
            }

            command = command.Parents.OfType<Command>().FirstOrDefault();
            recursiveOnly = true;
        }

        return null;
    }
}
