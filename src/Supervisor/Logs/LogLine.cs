namespace OpenShell.Supervisor.Logs;

/// <summary>A line on its way to the gateway.</summary>
/// <param name="Source">One of <see cref="Protocol.Logs.LogSources"/>.</param>
/// <param name="Target">The part of the supervisor that it is from.</param>
/// <param name="Message">Within the outbox's bound.</param>
/// <param name="Fields">Values for programs.</param>
internal sealed record LogLine(long TimestampMs, string Source, string Level, string Target, string Message, KeyValuePair<string, string>[] Fields)
{
    private const int Overhead = 96;

    /// <summary>The memory that it holds, roughly.</summary>
    public int Bytes
    {
        get
        {
            var bytes = Overhead + (Message.Length * sizeof(char));
            foreach (var (key, value) in Fields)
            {
                bytes += (key.Length + value.Length) * sizeof(char);
            }

            return bytes;
        }
    }
}
