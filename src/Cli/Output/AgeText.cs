using System.Globalization;
using Google.Protobuf.WellKnownTypes;

namespace OpenShell.Cli.Output;

/// <summary>How long ago something was: <c>5s</c>, <c>12m</c>, <c>3h</c>, <c>2d</c>.</summary>
internal static class AgeText
{
    /// <summary>"-" where no time was given. A time that is still to come, by another machine's clock, was just now.</summary>
    public static string Of(Timestamp? time, DateTimeOffset now)
    {
        if (time is null)
        {
            return "-";
        }

        var age = now - TimeText.Of(time);
        return age switch
        {
            { TotalSeconds: < 1 } => "0s",
            { TotalMinutes: < 1 } => Count(age.TotalSeconds, 's'),
            { TotalHours: < 1 } => Count(age.TotalMinutes, 'm'),
            { TotalDays: < 1 } => Count(age.TotalHours, 'h'),
            _ => Count(age.TotalDays, 'd'),
        };
    }

    private static string Count(double units, char unit) => string.Create(CultureInfo.InvariantCulture, $"{Math.Floor(units):F0}{unit}");
}
