using System.CommandLine;

namespace OpenShell.Cli.Parsing;

/// <summary>A repeatable option that takes some of a few words, in any case.</summary>
internal sealed class ChoicesOption : Option<string[]>
{
    public ChoicesOption(string name, string description, string helpName, params string[] choices)
        : base(name)
    {
        Description = $"{description}: {string.Join(", ", choices)}";
        HelpName = helpName;
        Arity = ArgumentArity.OneOrMore;
        AllowMultipleArgumentsPerToken = false;
        CompletionSources.Add(choices);
        Validators.Add(result =>
        {
            if (result.Tokens.Select(token => token.Value).FirstOrDefault(value => !choices.Contains(value, StringComparer.OrdinalIgnoreCase)) is { } wrong)
            {
                result.AddError($"{name} is one of {string.Join(", ", choices)}, not '{wrong}'");
            }
        });
    }

    /// <summary>In lower case, each once; empty when it was not given.</summary>
    public string[] Of(ParseResult parsed) => [.. (parsed.GetValue(this) ?? []).Select(value => value.ToLowerInvariant()).Distinct(StringComparer.Ordinal)];
}
