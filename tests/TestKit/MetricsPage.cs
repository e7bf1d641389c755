using System.Globalization;
using System.Text.RegularExpressions;

namespace OpenShell.TestKit;

/// <summary>A page in Prometheus' text format, read strictly: what a scraper would not take fails the test.</summary>
public sealed partial class MetricsPage
{
    private readonly Dictionary<string, string> _types = [];
    private readonly Dictionary<string, double> _samples = [];

    private MetricsPage()
    {
    }

    /// <summary>Metrics by name with their type.</summary>
    public IReadOnlyDictionary<string, string> Types => _types;

    /// <summary>Values by name with labels, as they stand in the page.</summary>
    public IReadOnlyDictionary<string, double> Samples => _samples;

    /// <summary>Reads a page.</summary>
    /// <exception cref="AssertionException">A line is not of the format.</exception>
    public static MetricsPage Parse(string text)
    {
        var page = new MetricsPage();
        if (!text.EndsWith('\n'))
        {
            throw new AssertionException("the last line has no line feed");
        }

        foreach (var line in text[..^1].Split('\n'))
        {
            page.Take(line);
        }

        page.CheckHistograms();
        return page;
    }

    /// <summary>The value of a sample, with its labels as in the page; 0 if there is none.</summary>
    public double Value(string sample) => _samples.GetValueOrDefault(sample);

    private void Take(string line)
    {
        if (TypeLine().Match(line) is { Success: true } type)
        {
            Require(_types.TryAdd(type.Groups[1].Value, type.Groups[2].Value), "a second TYPE", line);
        }
        else if (SampleLine().Match(line) is { Success: true } sample)
        {
            var name = sample.Groups[1].Value;
            var family = _types.ContainsKey(name) ? name : HistogramSuffix().Replace(name, "");
            Require(_types.TryGetValue(family, out var kind) && (family == name) != (kind == "histogram"), "a sample without its TYPE", line);
            // Braces without a label are as good as none.
            Require(_samples.TryAdd(name + (sample.Groups[2].Value == "{}" ? "" : sample.Groups[2].Value), Number(sample.Groups[3].Value)), "a second sample", line);
        }
        else
        {
            Require(HelpLine().IsMatch(line), "a line that is nothing", line);
        }
    }

    private void CheckHistograms()
    {
        foreach (var (sample, count) in _samples.Where(s => s.Key.Contains("_bucket", StringComparison.Ordinal) && s.Key.Contains("le=\"+Inf\"", StringComparison.Ordinal)))
        {
            var total = sample.Replace("_bucket", "_count", StringComparison.Ordinal)
                .Replace(",le=\"+Inf\"", "", StringComparison.Ordinal).Replace("{le=\"+Inf\"}", "", StringComparison.Ordinal);
            Require(_samples.TryGetValue(total, out var expected) && expected == count, "a histogram whose last bucket is not its count", sample);
        }
    }

    private static double Number(string text) => text switch
    {
        "+Inf" => double.PositiveInfinity,
        "-Inf" => double.NegativeInfinity,
        _ => double.Parse(text, CultureInfo.InvariantCulture),
    };

    private static void Require(bool holds, string what, string line)
    {
        if (!holds)
        {
            throw new AssertionException($"{what}: {line}");
        }
    }

    [GeneratedRegex(@"^# TYPE ([a-zA-Z_:][a-zA-Z0-9_:]*) (counter|gauge|histogram)$")]
    private static partial Regex TypeLine();

    [GeneratedRegex(@"^# HELP [a-zA-Z_:][a-zA-Z0-9_:]* [^\n]*$")]
    private static partial Regex HelpLine();

    [GeneratedRegex(@"^([a-zA-Z_:][a-zA-Z0-9_:]*)(\{(?:[a-zA-Z_][a-zA-Z0-9_]*=""(?:[^""\\\n]|\\[\\""n])*"",?)*\})? (\+Inf|-Inf|NaN|-?[0-9][0-9.eE+-]*)$")]
    private static partial Regex SampleLine();

    [GeneratedRegex("_(bucket|sum|count)$")]
    private static partial Regex HistogramSuffix();
}
