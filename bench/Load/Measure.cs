using System.Diagnostics;
using OpenShell.Protocol.Relay;

namespace OpenShell.Load;

/// <summary>The measurements, the same for every way to a target.</summary>
internal static class Measure
{
    private const int ChunkBytes = RelayWire.MaxFrameData;

    /// <summary>Round trips of one byte, in microseconds, sorted.</summary>
    public static Task<double[]> EchoAsync(IByteStream stream, LoadOptions options, string what) =>
        Until.EndsAsync(EchoAsync(stream, options.StreamWarmUp, options.Interval), $"echoes {what}", options.StreamWarmUp + options.Interval);

    private static async Task<double[]> EchoAsync(IByteStream stream, TimeSpan warmUp, TimeSpan interval)
    {
        var samples = new List<double>(1 << 16);
        var one = new byte[1];
        for (var (start, warm) = (Stopwatch.GetTimestamp(), true); ;)
        {
            var begun = Stopwatch.GetTimestamp();
            await stream.WriteAsync(one, CancellationToken.None);
            if (await stream.ReadAsync(CancellationToken.None) != 1)
            {
                throw new IOException("the echo ended");
            }

            samples.Add(Stopwatch.GetElapsedTime(begun).TotalMicroseconds);
            if (warm && Stopwatch.GetElapsedTime(start) > warmUp)
            {
                (warm, start) = (false, Stopwatch.GetTimestamp());
                samples.Clear();
            }
            else if (!warm && Stopwatch.GetElapsedTime(start) > interval)
            {
                samples.Sort();
                return [.. samples];
            }
        }
    }

    /// <summary>Durations of something that is done again and again, in microseconds, sorted.</summary>
    public static Task<double[]> TimesAsync(Func<Task> once, string what, TimeSpan warmUp, TimeSpan interval) =>
        Until.EndsAsync(TimesAsync(once, warmUp, interval), what, warmUp + interval);

    private static async Task<double[]> TimesAsync(Func<Task> once, TimeSpan warmUp, TimeSpan interval)
    {
        for (var start = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(start) < warmUp;)
        {
            await once();
        }

        var samples = new List<double>(1 << 12);
        for (var start = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(start) < interval;)
        {
            var begun = Stopwatch.GetTimestamp();
            await once();
            samples.Add(Stopwatch.GetElapsedTime(begun).TotalMicroseconds);
        }

        samples.Sort();
        return [.. samples];
    }

    /// <summary>As above of two things that are done in turn, so that whatever else the machine does is with both.</summary>
    public static async Task<(double[] First, double[] Second)> AlternatelyAsync(Func<Task> first, Func<Task> second, string what, TimeSpan interval)
    {
        var (firsts, seconds) = (new List<double>(1 << 12), new List<double>(1 << 12));
        await Until.EndsAsync(RunAsync(), what, interval);
        firsts.Sort();
        seconds.Sort();
        return ([.. firsts], [.. seconds]);

        async Task RunAsync()
        {
            for (var start = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(start) < interval;)
            {
                var begun = Stopwatch.GetTimestamp();
                await first();
                var between = Stopwatch.GetTimestamp();
                await second();
                firsts.Add(Stopwatch.GetElapsedTime(begun, between).TotalMicroseconds);
                seconds.Add(Stopwatch.GetElapsedTime(between).TotalMicroseconds);
            }
        }
    }

    /// <summary>Notes a figure, and tells it on stderr.</summary>
    public static void Add(Dictionary<string, object> figures, string name, double value)
    {
        figures[name] = Math.Round(value, value < 10 ? 3 : 1);
        Console.Error.WriteLine($"{name}: {figures[name]}");
    }

    /// <summary>MB/s (10^6) towards the target, counted there, over all streams.</summary>
    public static async Task<Throughput> UpAsync(IEnumerable<IByteStream> streams, Func<long> sunk, LoadOptions options)
    {
        using var stop = new CancellationTokenSource();
        var writers = streams.Select(s => SendAsync(s, stop.Token)).ToArray();
        var rate = await RateAsync(sunk, options);
        await stop.CancelAsync();
        await Until.EndsAsync(Task.WhenAll(writers), "sending stops");
        return rate;
    }

    /// <summary>MB/s (10^6) from the target, counted here, over all streams.</summary>
    public static async Task<Throughput> DownAsync(IEnumerable<IByteStream> streams, LoadOptions options)
    {
        using var stop = new CancellationTokenSource();
        var counter = new Counter();
        var readers = streams.Select(s => ReceiveAsync(s, counter, stop.Token)).ToArray();
        var rate = await RateAsync(() => counter.Value, options);
        await stop.CancelAsync();
        await Until.EndsAsync(Task.WhenAll(readers), "receiving stops");
        return rate;
    }

    /// <summary>Sends until it is stopped.</summary>
    public static async Task SendAsync(IByteStream stream, CancellationToken stop)
    {
        var chunk = new byte[ChunkBytes];
        try
        {
            while (true)
            {
                await stream.WriteAsync(chunk, stop);
            }
        }
        catch (Exception e) when (e is OperationCanceledException or IOException && stop.IsCancellationRequested)
        {
            // Enough.
        }
    }

    /// <summary>Reads until it is stopped.</summary>
    public static async Task ReceiveAsync(IByteStream stream, Counter counter, CancellationToken stop)
    {
        try
        {
            while (await stream.ReadAsync(stop) is var count and > 0)
            {
                counter.Add(count);
            }
        }
        catch (Exception e) when (e is OperationCanceledException or IOException && stop.IsCancellationRequested)
        {
            // Enough.
        }
    }

    public static double Percentile(double[] sorted, double percent) =>
        sorted[Math.Min(sorted.Length - 1, (int)(sorted.Length * percent / 100))];

    // The best second of the interval: others on the machine only ever take away.
    private static async Task<Throughput> RateAsync(Func<long> counter, LoadOptions options)
    {
        var start = counter();
        await Task.Delay(options.StreamWarmUp, Until.Stop);
        var best = 0.0;
        for (var second = 0; second < Math.Max(1, (int)options.Interval.TotalSeconds); second++)
        {
            var (from, begun) = (counter(), Stopwatch.GetTimestamp());
            await Task.Delay(TimeSpan.FromSeconds(1), Until.Stop);
            best = Math.Max(best, (counter() - from) / Stopwatch.GetElapsedTime(begun).TotalSeconds / 1e6);
        }

        return new Throughput(best, counter() - start);
    }
}
