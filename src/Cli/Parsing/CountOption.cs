using System.CommandLine;
using System.Globalization;

namespace OpenShell.Cli.Parsing;

/// <summary>An option that takes a whole number from 0.</summary>
internal sealed class CountOption : Option<string>
{
    public CountOption(string name, string description, string helpName)
        : base(name)
    {
        Description = description;
        HelpName = helpName;
        Validators.Add(result =>
        {
            if (result.Tokens is [{ Value: var value }] && !TryParse(value, out _))
            {
                result.AddError($"{name} wants a whole number from 0, not '{value}'");
            }
        });
    }

    public uint Of(ParseResult parsed, uint otherwise = 0) =>
        parsed.GetValue(this) is { } text && TryParse(text, out var value) ? value : otherwise;

    private static bool TryParse(string text, out uint value) =>
        uint.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out value);
}
