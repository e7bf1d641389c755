using System.Globalization;
using System.Text.RegularExpressions;
using OpenShell.Protocol.Outcomes;
using OpenShell.Protocol.Untrusted;

namespace OpenShell.Gateway.Services;

/// <summary>The line of versions, such as 0.2, that a gateway is to be upgraded to.</summary>
internal static partial class UpgradeTarget
{
    private const int MaxQuoted = 64;

    /// <summary>Takes a leading v and a trailing .0; nothing is the line after the current one.</summary>
    /// <param name="current">The version that runs.</param>
    public static Outcome<string> Parse(string target, string current)
    {
        if (target.Length == 0)
        {
            var runs = Running().Match(current);
            return string.Create(CultureInfo.InvariantCulture, $"{runs.Groups[1].Value}.{int.Parse(runs.Groups[2].Value, CultureInfo.InvariantCulture) + 1}");
        }

        return Line().Match(target) is { Success: true } line
            ? $"{line.Groups[1].Value}.{line.Groups[2].Value}"
            : new Failure(
                FailureKind.InvalidArgument,
                $"target_version '{HarmlessText.Line(target, MaxQuoted)}' is no line of versions; give one such as 0.2, or nothing for the next one");
    }

    [GeneratedRegex(@"^v?(0|[1-9][0-9]{0,5})\.(0|[1-9][0-9]{0,5})(\.0)?\z", RegexOptions.NonBacktracking)]
    private static partial Regex Line();

    [GeneratedRegex(@"^([0-9]+)\.([0-9]+)", RegexOptions.NonBacktracking)]
    private static partial Regex Running();
}
