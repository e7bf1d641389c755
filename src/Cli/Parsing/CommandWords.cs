using System.CommandLine;
using System.CommandLine.Parsing;
using OpenShell.Cli.Context;

namespace OpenShell.Cli.Parsing;

/// <summary>A command for the sandbox, behind <c>--</c>. Only there is a word with a dash no option of ours.</summary>
internal sealed class CommandWords : Argument<string[]>
{
    /// <param name="takesRest">The command begins at the first word that is left for it, also without <c>--</c>.</param>
    public CommandWords(string description, bool takesRest = false)
        : base("CMD")
    {
        Description = description;
        Arity = ArgumentArity.ZeroOrMore;
        TakesRest = takesRest;
    }

    /// <summary>Whether <see cref="TrailingCommand"/> puts the dashes where they were left out.</summary>
    public bool TakesRest { get; }

    /// <summary>The option that takes the place of the word before the command; null when none does.</summary>
    public Option? InsteadOfWord { get; init; }

    /// <param name="needsDashes">Whether every word has to be behind <c>--</c>.</param>
    /// <exception cref="CliException">A word before <c>--</c> looks like a mistyped option, or may not be there.</exception>
    public string[] Of(ParseResult parsed, bool needsDashes)
    {
        var words = parsed.GetValue(this) ?? [];
        foreach (var word in words.SkipLast(WordsBehindDashes(parsed)))
        {
            var command = parsed.CommandResult.Command;
            if (word.Length > 1 && word[0] == '-')
            {
                throw new CliException(CliError.Usage(UsageErrors.UnknownOption(command, word)));
            }

            if (needsDashes)
            {
                throw new CliException(CliError.Usage($"unexpected argument '{word}'; put -- before a command to run"));
            }
        }

        return words;
    }

    /// <summary>How many words are behind <c>--</c>, to whichever argument they went.</summary>
    public static int WordsBehindDashes(ParseResult parsed)
    {
        var index = 0;
        foreach (var token in parsed.Tokens)
        {
            index++;
            if (token.Type == TokenType.DoubleDash)
            {
                return parsed.Tokens.Count - index;
            }
        }

        return 0;
    }
}
