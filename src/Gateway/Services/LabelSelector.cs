using System.Collections.Immutable;
using OpenShell.Protocol.Outcomes;
using OpenShell.Protocol.Untrusted;

namespace OpenShell.Gateway.Services;

/// <summary>Label selectors of lists: key=value,key=value. What is wrong is code and text only.</summary>
internal static class LabelSelector
{
    /// <summary>Terms of a selector; each is a condition of the query, and SQLite takes 1000 at most.</summary>
    public const int MaxTerms = 64;

    // What of a wrong term is said again.
    private const int MaxQuoted = 128;

    /// <summary>The labels that something must have to be listed; none for an empty selector.</summary>
    public static Outcome<ImmutableDictionary<string, string>> Parse(string selector)
    {
        // One more than what is taken: what is behind it stays unsplit.
        var terms = selector.Split(',', MaxTerms + 1, StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        if (terms.Length > MaxTerms)
        {
            return Invalid($"the label selector has more than {MaxTerms} terms");
        }

        var labels = ImmutableDictionary.CreateBuilder<string, string>();
        foreach (var term in terms)
        {
            var equals = term.IndexOf('=', StringComparison.Ordinal);
            if (equals < 1)
            {
                return Invalid($"label selector '{HarmlessText.Line(term, MaxQuoted)}' is not of the form key=value");
            }

            var (key, value) = (term[..equals], term[(equals + 1)..]);
            if ((MetadataValidator.FindKeyFault(key) is { } fault ? $"label key {fault}" : MetadataValidator.FindValueFault(value)) is { } wrong)
            {
                return Invalid($"label selector: {wrong}");
            }

            if (labels.TryGetValue(key, out var other) && other != value)
            {
                return Invalid($"label selector asks for '{key}' twice, as '{other}' and as '{value}': nothing has both");
            }

            labels[key] = value;
        }

        return labels.ToImmutable();
    }

    private static Failure Invalid(string message) => new(FailureKind.InvalidArgument, message);
}
