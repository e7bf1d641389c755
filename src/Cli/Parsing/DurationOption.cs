using System.CommandLine;
using System.Globalization;

namespace OpenShell.Cli.Parsing;

/// <summary>An option that takes a length of time: <c>30s</c>, <c>5m</c>, <c>2h</c>, <c>1d</c>, <c>1h30m</c>.</summary>
internal sealed class DurationOption : Option<string>
{
    // Longer ago than any log that is kept in memory.
    private static readonly TimeSpan Longest = TimeSpan.FromDays(3650);

    public DurationOption(string name, string description)
        : base(name)
    {
        Description = description;
        HelpName = "DURATION";
        Validators.Add(result =>
        {
            if (result.Tokens is [{ Value: var value }] && !TryParse(value, out _))
            {
                result.AddError($"{name} wants a duration such as 30s, 5m, 2h or 1d, not '{value}'");
            }
        });
    }

    public TimeSpan? Of(ParseResult parsed) =>
        parsed.GetValue(this) is { } text && TryParse(text, out var value) ? value : null;

    private static bool TryParse(string text, out TimeSpan value)
    {
        value = TimeSpan.Zero;
        ReadOnlySpan<char> rest = text;
        while (!rest.IsEmpty)
        {
            var digits = rest.IndexOfAnyExceptInRange('0', '9');
            if (digits < 1
                || !uint.TryParse(rest[..digits], NumberStyles.None, CultureInfo.InvariantCulture, out var count)
                || UnitOf(rest[digits]) is not { } unit
                || count * unit.TotalSeconds + value.TotalSeconds > Longest.TotalSeconds)
            {
                return false;
            }

            value += count * unit;
            rest = rest[(digits + 1)..];
        }

        return text.Length > 0;
    }

    private static TimeSpan? UnitOf(char unit) => unit switch
    {
        's' => TimeSpan.FromSeconds(1),
        'm' => TimeSpan.FromMinutes(1),
        'h' => TimeSpan.FromHours(1),
        'd' => TimeSpan.FromDays(1),
        _ => null,
    };
}
