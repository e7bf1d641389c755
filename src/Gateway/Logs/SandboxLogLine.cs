using OpenShell.Protocol.Logs;
using OpenShell.Protocol.Untrusted;

namespace OpenShell.Gateway.Logs;

/// <summary>One line of a sandbox's log.</summary>
/// <param name="Time">When it was written, by the writer's clock; null: the writer does not say.</param>
/// <param name="Level">As in <see cref="LogLevels"/>, or whatever a sandbox sent.</param>
/// <param name="Target">The part of the program that it is from.</param>
/// <param name="Source">One of <see cref="LogSources"/>.</param>
/// <param name="Fields">Values for programs; no key comes twice.</param>
internal sealed record SandboxLogLine(
    DateTimeOffset? Time,
    string Level,
    string Target,
    string Message,
    string Source,
    IReadOnlyList<KeyValuePair<string, string>> Fields)
{
    private const int MaxLevel = 16;
    private const int MaxTarget = 128;
    private const int MaxMessage = 8 * 1024;
    private const int MaxFields = 32;
    private const int MaxKey = 64;
    private const int MaxValue = 1024;

    // What the objects themselves take, roughly: the line, its entries in the history, a string's header.
    private const int LineOverhead = 144;
    private const int StringOverhead = 24;

    /// <summary>The memory that it holds, roughly.</summary>
    public int Bytes => LineOverhead + SizeOf(Message) + Fields.Sum(f => SizeOf(f.Key) + SizeOf(f.Value));

    /// <summary>
    /// The line as it may be kept and shown: its texts harmless, each on one line, and what is too long cut with a mark.
    /// A field whose key is none goes.
    /// </summary>
    public SandboxLogLine Harmless() => this with
    {
        Level = HarmlessText.Line(Level, MaxLevel),
        Target = HarmlessText.Line(Target, MaxTarget),
        Message = HarmlessText.Line(Message, MaxMessage),
        Fields = Fields.Count == 0
            ? Fields
            : [.. Fields.Take(MaxFields).Where(f => IsKey(f.Key)).Select(f => KeyValuePair.Create(f.Key, HarmlessText.Line(f.Value, MaxValue)))],
    };

    // Not made harmless: two keys may become one.
    private static bool IsKey(string key) => key.Length <= MaxKey && ReferenceEquals(HarmlessText.Line(key, MaxKey), key);

    private static int SizeOf(string text) => StringOverhead + (text.Length * sizeof(char));
}
