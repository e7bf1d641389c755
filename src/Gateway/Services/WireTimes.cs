using Google.Protobuf.WellKnownTypes;
using OpenShell.Protocol.Times;

namespace OpenShell.Gateway.Services;

/// <summary>Times and spans of requests, checked.</summary>
internal static class WireTimes
{
    /// <summary>The time; null if there is none.</summary>
    public static DateTimeOffset? Time(string field, Timestamp? timestamp)
    {
        if (timestamp is null)
        {
            return null;
        }

        return timestamp.TryToTime(out var time)
            ? time
            : throw GrpcErrors.InvalidField(field, $"{field} is no time: seconds {timestamp.Seconds}, nanos {timestamp.Nanos}");
    }

    /// <summary>The span, never negative; null if there is none.</summary>
    public static TimeSpan? Span(string field, Duration? duration)
    {
        if (duration is null)
        {
            return null;
        }

        if (!duration.TryToSpan(out var span))
        {
            throw GrpcErrors.InvalidField(field, $"{field} is no span: seconds {duration.Seconds}, nanos {duration.Nanos}");
        }

        return span >= TimeSpan.Zero ? span : throw GrpcErrors.InvalidField(field, $"{field} must not be negative: {span.TotalSeconds} s");
    }
}
