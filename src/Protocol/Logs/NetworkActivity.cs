using System.Globalization;
using System.Text;
using OpenShell.Protocol.Untrusted;

namespace OpenShell.Protocol.Logs;

/// <summary>
/// An event of OCSF's class Network Activity about a session or a relay, as a log line of level OCSF. It never has
/// arguments, environment or bytes of what the relay is for.
/// </summary>
/// <param name="Subject">"session" or "relay".</param>
/// <param name="Id">Of the session, or the relay's channel; empty if it never had one.</param>
/// <param name="Endpoint">Where a relay leads to: "exec", "ssh", "tcp 127.0.0.1:80". Empty for a session.</param>
public sealed record NetworkActivity(NetworkActivityKind Kind, string Subject, string Id, string Endpoint)
{
    /// <summary>Target of the lines.</summary>
    public const string LineTarget = "ocsf";

    private const int ClassUid = 4001;

    // The texts of a supervisor's refusals are short; what is longer is no reason.
    private const int MaxReason = 512;

    /// <summary>Why it ended or failed.</summary>
    public string Reason { get; init; } = "";

    /// <summary>How long it lasted, where that is known.</summary>
    public TimeSpan? Duration { get; init; }

    /// <summary>Bytes towards the sandbox, where they were counted.</summary>
    public long? BytesIn { get; init; }

    /// <summary>Bytes out of the sandbox, where they were counted.</summary>
    public long? BytesOut { get; init; }

    /// <summary>One short line for people.</summary>
    public string Message
    {
        get
        {
            var text = new StringBuilder(Subject);
            text.Append(Endpoint.Length > 0 ? $" to {HarmlessText.Line(Endpoint, MaxReason)}" : "");
            text.Append(Kind switch
            {
                NetworkActivityKind.Open => " opened",
                NetworkActivityKind.Close => " closed",
                NetworkActivityKind.Refuse => " refused",
                _ => " failed",
            });
            text.Append(Duration is { } duration ? $" after {duration.TotalSeconds.ToString("F3", CultureInfo.InvariantCulture)} s" : "");
            text.Append(Reason.Length > 0 ? $": {HarmlessText.Line(Reason, MaxReason)}" : "");
            return text.ToString();
        }
    }

    /// <summary>The event for programs: class_uid, type_uid, activity_id, activity, severity and what is known of the rest.</summary>
    public KeyValuePair<string, string>[] Fields()
    {
        var fields = new List<KeyValuePair<string, string>>(12)
        {
            new("class_uid", Text(ClassUid)),
            new("type_uid", Text((ClassUid * 100) + (int)Kind)),
            new("activity_id", Text((int)Kind)),
            new("activity", Kind.ToString()),
            new("severity", Kind switch
            {
                NetworkActivityKind.Refuse => "Medium",
                NetworkActivityKind.Fail => "Low",
                _ => "Informational",
            }),
        };
        Add(fields, Subject == "relay" ? "channel_id" : "session_id", Id);
        Add(fields, "target", Endpoint);
        Add(fields, "reason", HarmlessText.Line(Reason, MaxReason));
        Add(fields, "duration_ms", Duration is { } duration ? Text((long)duration.TotalMilliseconds) : "");
        Add(fields, "bytes_in", BytesIn is { } bytesIn ? Text(bytesIn) : "");
        Add(fields, "bytes_out", BytesOut is { } bytesOut ? Text(bytesOut) : "");
        return [.. fields];
    }

    private static void Add(List<KeyValuePair<string, string>> fields, string key, string value)
    {
        if (value.Length > 0)
        {
            fields.Add(new(key, value));
        }
    }

    private static string Text(long value) => value.ToString(CultureInfo.InvariantCulture);
}

/// <summary>What happened to a connection; the values are OCSF's activity_id of class 4001.</summary>
public enum NetworkActivityKind
{
    /// <summary>It was made.</summary>
    Open = 1,

    /// <summary>It ended.</summary>
    Close = 2,

    /// <summary>It could not be made, or broke.</summary>
    Fail = 4,

    /// <summary>Refused: the caller is not allowed to.</summary>
    Refuse = 5,
}
