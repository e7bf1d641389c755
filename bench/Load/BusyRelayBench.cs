using System.Globalization;

namespace OpenShell.Load;

/// <summary>
/// Echoes through a relay and through OpenSSH's tunnel while every core is taken by a busy loop of the same priority: what
/// a thread waits that is woken beside them. In turns, since others on the machine come and go.
/// </summary>
internal static class BusyRelayBench
{
    public static async Task<Dictionary<string, object>> MeasureAsync(
        LoadOptions options, WorkDirectory work, LoopbackTargets targets, Func<int, Task<RelayByteStream>> openAsync)
    {
        var figures = new Dictionary<string, object>();
        using var tunnel = await SshTunnel.OpenAsync(work, [targets.EchoPort]);
        await using var ours = await openAsync(targets.EchoPort);
        await using var theirs = await tunnel.ConnectAsync(targets.EchoPort);
        var hogs = Enumerable.Range(0, Environment.ProcessorCount).Select(Hog).ToList();
        try
        {
            var relay = new List<double[]>();
            var ssh = new List<double[]>();
            for (var round = 0; round < options.BusyRounds; round++)
            {
                relay.Add(await Measure.EchoAsync(ours, options, "through a relay, beside hogs"));
                ssh.Add(await Measure.EchoAsync(theirs, options, "through ssh -R, beside hogs"));
            }

            Add(figures, "busy_echo", relay);
            Add(figures, "busy_ssh_tunnel_echo", ssh);
            // The mean: a thread that has a core at last does many within its slice, which a percentile would take for all of them.
            Measure.Add(figures, "busy_echo_over_ssh", Median(relay.Zip(ssh, (a, b) => a.Average() / b.Average())));
            return figures;
        }
        finally
        {
            hogs.ForEach(hog => hog.Dispose());
        }
    }

    private static ChildProcess Hog(int core) =>
        new("taskset", ["-c", core.ToString(CultureInfo.InvariantCulture), "sh", "-c", "while :; do :; done"]);

    // The median round of each.
    private static void Add(Dictionary<string, object> figures, string name, List<double[]> rounds)
    {
        Measure.Add(figures, $"{name}_mean_us", Median(rounds.Select(samples => samples.Average())));
        foreach (var percent in new[] { 50, 99 })
        {
            Measure.Add(figures, $"{name}_p{percent}_us", Median(rounds.Select(samples => Measure.Percentile(samples, percent))));
        }
    }

    private static double Median(IEnumerable<double> values)
    {
        var sorted = values.Order().ToArray();
        return sorted[sorted.Length / 2];
    }
}
