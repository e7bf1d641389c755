using System.CommandLine;

namespace OpenShell.Cli.Parsing;

/// <summary>An option that takes one of a few words, in any case.</summary>
internal sealed class ChoiceOption : Option<string>
{
    public ChoiceOption(string name, string description, string helpName, params string[] choices)
        : base(name)
    {
        Description = $"{description}: {string.Join(", ", choices)}";
        HelpName = helpName;
        CompletionSources.Add(choices);
        Validators.Add(result =>
        {
            if (result.Tokens is [{ Value: var value }] && !choices.Contains(value, StringComparer.OrdinalIgnoreCase))
            {
                result.AddError($"{name} is one of {string.Join(", ", choices)}, not '{value}'");
            }
        });
    }

    /// <summary>In lower case; null when it was not given.</summary>
    public string? Of(ParseResult parsed) => parsed.GetValue(this)?.ToLowerInvariant();
}
