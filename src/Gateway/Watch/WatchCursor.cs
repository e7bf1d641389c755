using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Security.Cryptography;

namespace OpenShell.Gateway.Watch;

/// <summary>
/// A place in the history of one sandbox, as watchers get it and show it again. As text it has a fixed width, so that two of
/// one history compare by their bytes as they do by their places.
/// </summary>
/// <param name="Space">Names the history: those that were made in an earlier process, or of a sandbox that had the same name, have another.</param>
/// <param name="Sequence">Of the event that it came with.</param>
internal readonly record struct WatchCursor(string Space, long Sequence)
{
    private const int SpaceLength = 24;
    private const int SequenceLength = 16;
    private const int RandomBytes = 6;

    private static readonly SearchValues<char> Digits = SearchValues.Create("0123456789abcdef");

    /// <summary>
    /// The name of a history that begins now. It has the time in front, so that a client that keeps the greatest cursor that it
    /// ever saw keeps one of the newest history.
    /// </summary>
    public static string NewSpace(TimeProvider time) => string.Create(
        CultureInfo.InvariantCulture,
        $"{time.GetUtcNow().ToUnixTimeMilliseconds():x12}{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(RandomBytes))}");

    /// <summary>Whether a text has the form of a cursor.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, out WatchCursor cursor)
    {
        cursor = default;
        if (text is not { Length: SpaceLength + 1 + SequenceLength }
            || text[SpaceLength] != '-'
            || text.AsSpan(0, SpaceLength).ContainsAnyExcept(Digits)
            || text.AsSpan(SpaceLength + 1).ContainsAnyExcept(Digits)
            || !long.TryParse(text.AsSpan(SpaceLength + 1), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var sequence)
            || sequence <= 0)
        {
            return false;
        }

        cursor = new WatchCursor(text[..SpaceLength], sequence);
        return true;
    }

    /// <inheritdoc/>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Space}-{Sequence:x16}");
}
