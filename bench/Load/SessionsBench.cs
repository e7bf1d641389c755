using System.Diagnostics;

namespace OpenShell.Load;

/// <summary>Many idle sessions on one gateway; and all of some coming back at once after it was killed.</summary>
internal static class SessionsBench
{
    public static async Task<Dictionary<string, object>> RunAsync(LoadOptions options)
    {
        var figures = new Dictionary<string, object>();
        await HoldAsync(options, figures);
        await StormAsync(options, figures);
        figures["load_average"] = ProcessFigures.LoadAverage();
        return figures;
    }

    private static async Task HoldAsync(LoadOptions options, Dictionary<string, object> figures)
    {
        await using var fleet = await Fleet.StartAsync(options, options.Sessions);
        var gateway = fleet.Gateway;
        await fleet.ConnectAsync();
        figures["idle_sessions"] = options.Sessions;
        // What the creation left to do, compiling code among it, is not the idling.
        await Task.Delay(options.Settle, Until.Stop);

        var (before, begun) = (ProcessFigures.Cpu(gateway.Pid), Stopwatch.GetTimestamp());
        await Task.Delay(options.Hold, Until.Stop);
        figures["cpu_core_fraction"] = Math.Round((ProcessFigures.Cpu(gateway.Pid) - before) / Stopwatch.GetElapsedTime(begun), 4);
        figures["rss_mib"] = Math.Round(ProcessFigures.RssMebibytes(gateway.Pid), 1);
        if (fleet.Accepted != options.Sessions)
        {
            throw new IOException($"{options.Sessions - fleet.Accepted} sessions were lost while they were held");
        }
    }

    private static async Task StormAsync(LoadOptions options, Dictionary<string, object> figures)
    {
        await using var fleet = await Fleet.StartAsync(options, options.Storm);
        await fleet.ConnectAsync();

        var begun = Stopwatch.GetTimestamp();
        fleet.Gateway.Kill();
        await fleet.RestartGatewayAsync();
        figures["storm_restart_s"] = Math.Round(Stopwatch.GetElapsedTime(begun).TotalSeconds, 3);
        await fleet.AllReadyAsync();
        figures["storm_sessions"] = options.Storm;
        figures["storm_ready_s"] = Math.Round(Stopwatch.GetElapsedTime(begun).TotalSeconds, 3);
    }
}
