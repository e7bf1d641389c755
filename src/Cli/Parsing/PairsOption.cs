using System.CommandLine;

namespace OpenShell.Cli.Parsing;

/// <summary>A repeatable <c>KEY=VALUE</c> option; of one key the last value counts.</summary>
internal sealed class PairsOption : Option<string[]>
{
    public PairsOption(string name, string description, params string[] aliases)
        : base(name, aliases)
    {
        Description = description;
        HelpName = "KEY=VALUE";
        Arity = ArgumentArity.OneOrMore;
        AllowMultipleArgumentsPerToken = false;
        Validators.Add(result =>
        {
            // The value may be a secret: only the key, or the place, is named.
            var position = 0;
            foreach (var text in result.Tokens.Select(token => token.Value))
            {
                position++;
                if (text.IndexOf('=', StringComparison.Ordinal) <= 0)
                {
                    result.AddError($"{name} number {position} is not KEY=VALUE");
                }
            }
        });
    }

    public IEnumerable<KeyValuePair<string, string>> Of(ParseResult parsed) =>
        from text in parsed.GetValue(this) ?? []
        let split = text.IndexOf('=', StringComparison.Ordinal)
        select KeyValuePair.Create(text[..split], text[(split + 1)..]);
}
