using System.CommandLine;
using OpenShell.Cli.Context;

namespace OpenShell.Cli.Parsing;

/// <summary>
/// <c>-e NAME=VALUE</c>, or <c>-e NAME</c> for the value that the caller's own environment has; a name that is not set there is
/// left out, as with docker. Of one name the last value counts.
/// </summary>
internal sealed class EnvironmentOption : Option<string[]>
{
    public EnvironmentOption(string description)
        : base("--env", "-e")
    {
        Description = $"{description}; NAME alone takes the value from here (repeatable)";
        HelpName = "NAME[=VALUE]";
        Arity = ArgumentArity.OneOrMore;
        AllowMultipleArgumentsPerToken = false;
        Validators.Add(result =>
        {
            // The value may be a secret: only the place is named.
            var position = 0;
            foreach (var text in result.Tokens.Select(token => token.Value))
            {
                position++;
                if (text.Length == 0 || text[0] == '=')
                {
                    result.AddError($"--env number {position} is neither NAME=VALUE nor NAME");
                }
            }
        });
    }

    public IEnumerable<KeyValuePair<string, string>> Of(ParseResult parsed, CliEnvironment environment)
    {
        foreach (var text in parsed.GetValue(this) ?? [])
        {
            var split = text.IndexOf('=', StringComparison.Ordinal);
            if (split > 0)
            {
                yield return KeyValuePair.Create(text[..split], text[(split + 1)..]);
            }
            else if (environment.Variable(text) is { } value)
            {
                yield return KeyValuePair.Create(text, value);
            }
        }
    }
}
