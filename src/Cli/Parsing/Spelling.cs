namespace OpenShell.Cli.Parsing;

/// <summary>Finds the word that was probably meant.</summary>
internal static class Spelling
{
    /// <summary>
    /// The candidate that <paramref name="word"/> begins or is at most a third of its letters away from; null when none is near,
    /// or the word is too short.
    /// </summary>
    public static string? Nearest(string word, IEnumerable<string> candidates)
    {
        if (word.Length < 3)
        {
            // Everything of two letters is near.
            return null;
        }

        string? nearest = null;
        var smallest = Math.Max(2, word.Length / 3) + 1;
        foreach (var candidate in candidates)
        {
            var distance = candidate.StartsWith(word, StringComparison.Ordinal) ? 0 : Distance(word, candidate);
            if (distance < smallest && distance < candidate.Length)
            {
                (nearest, smallest) = (candidate, distance);
            }
        }

        return nearest;
    }

    // Letters to add, drop or change (Levenshtein), with one row of the matrix.
    private static int Distance(string from, string to)
    {
        int[] row = [.. Enumerable.Range(0, to.Length + 1)];
        for (var i = 1; i <= from.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= to.Length; j++)
            {
                var changed = diagonal + (from[i - 1] == to[j - 1] ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.Min(changed, Math.Min(row[j], row[j - 1]) + 1);
            }
        }

        return row[^1];
    }
}
