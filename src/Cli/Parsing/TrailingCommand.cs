using System.CommandLine;

namespace OpenShell.Cli.Parsing;

/// <summary>
/// Puts <c>--</c> where the words of a command for a sandbox begin, so that its options are its own: <c>exec box ls -la</c>.
/// Options between the sandbox's name and the first word of the command are still ours, as in <c>exec box -it sh</c>.
/// </summary>
internal static class TrailingCommand
{
    private const string Dashes = "--";

    public static IReadOnlyList<string> Separate(Command root, IReadOnlyList<string> args)
    {
        var command = root;
        var position = 0;
        HashSet<Option> given = [];
        for (var i = 0; i < args.Count && args[i] != Dashes; i++)
        {
            if (args[i] is ['-', _, ..] word)
            {
                (var option, var takesNext) = Find(command, word);
                i += takesNext ? 1 : 0;
                if (option is not null)
                {
                    given.Add(option);
                }
            }
            else if (position == 0 && command.Subcommands.FirstOrDefault(sub => Is(sub, args[i])) is { } sub)
            {
                command = sub;
            }
            else if (command.Arguments.OfType<CommandWords>().FirstOrDefault() is not { TakesRest: true } words)
            {
                break;
            }
            else if (position++ == command.Arguments.IndexOf(words) - (words.InsteadOfWord is { } named && given.Contains(named) ? 1 : 0))
            {
                return [.. args.Take(i), Dashes, .. args.Skip(i)];
            }
        }

        return args;
    }

    /// <summary>The command that words lead to, and how many of them.</summary>
    public static (Command Command, int Words) Follow(Command root, IEnumerable<string> words)
    {
        var (command, count) = (root, 0);
        foreach (var word in words)
        {
            if (command.Subcommands.FirstOrDefault(sub => Is(sub, word)) is not { } sub)
            {
                break;
            }

            (command, count) = (sub, count + 1);
        }

        return (command, count);
    }

    /// <summary>The options that a command takes: its own, and those of the commands above it that are for all below.</summary>
    public static IEnumerable<Option> OptionsOf(Command command)
    {
        var inherited = false;
        for (var current = command; current is not null; current = current.Parents.OfType<Command>().FirstOrDefault())
        {
            foreach (var option in current.Options.Where(option => !inherited || option.Recursive))
            {
                yield return option;
            }

            inherited = true;
        }
    }

    private static bool Is(Command command, string word) => command.Name == word || command.Aliases.Contains(word);

    // Also of the letters of -it, where only the last one that is there can have its value in the next word.
    private static (Option? Option, bool TakesNext) Find(Command command, string word)
    {
        if (OptionsOf(command).FirstOrDefault(option => IsCalled(option, word)) is { } whole)
        {
            return (whole, whole.Arity.MaximumNumberOfValues > 0);
        }

        if (word.IndexOf('=', StringComparison.Ordinal) is var equals and > 0)
        {
            return (OptionsOf(command).FirstOrDefault(option => IsCalled(option, word[..equals])), false);
        }

        for (var i = 1; i < word.Length && !word.StartsWith(Dashes, StringComparison.Ordinal); i++)
        {
            if (OptionsOf(command).FirstOrDefault(option => IsCalled(option, $"-{word[i]}")) is not { } letter)
            {
                break;
            }

            if (letter.Arity.MaximumNumberOfValues > 0)
            {
                return (letter, i == word.Length - 1);
            }
        }

        return (null, false);
    }

    private static bool IsCalled(Option option, string word) => option.Name == word || option.Aliases.Contains(word);
}
