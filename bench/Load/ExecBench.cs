using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Grpc.Core;
using OpenShell.Protocol.V1;

namespace OpenShell.Load;

/// <summary>Commands: alone, sixteen at once, in a machine; the engine without the way to it; and OpenSSH in the same run.</summary>
internal static class ExecBench
{
    private const int Callers = 16;
    private const int Spawns = 1000;
    private const int SshRuns = 50;
    // The gateway's runtime goes on compiling what runs often for some seconds: the median is 5 ms after 3 s and 4 ms then.
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(12);
    private static readonly TimeSpan VmWarmUp = TimeSpan.FromSeconds(5);

    public static async Task<Dictionary<string, object>> RunAsync(LoadOptions options)
    {
        var figures = new Dictionary<string, object>();
        await MeasureHostAsync(options, figures);
        await MeasureSpawnAsync(options, figures);
        if (options.Vm)
        {
            await MeasureVmAsync(options, figures);
        }

        if (options.Ssh)
        {
            await MeasureSshAsync(figures);
        }

        figures["load_average"] = ProcessFigures.LoadAverage();
        return figures;
    }

    private static async Task MeasureHostAsync(LoadOptions options, Dictionary<string, object> figures)
    {
        using var work = new WorkDirectory();
        ChildProcess? supervisor = null;
        await using var driver = await LoadDriver.StartAsync(
            work.File("driver.sock"), sandbox => supervisor = SupervisorUnderTest.Start(options, work, sandbox));
        using var gateway = await GatewayUnderTest.StartAsync(options, work, work.File("driver.sock"));
        try
        {
            var created = await gateway.Client.CreateSandboxAsync(new CreateSandboxRequest());
            await Until.TrueAsync(async () => await gateway.CountReadyAsync() == 1, "the sandbox becomes Ready");
            Task RunOneAsync() => ExecAsync(gateway, created.Sandbox.Metadata.Id);

            var alone = await Measure.TimesAsync(RunOneAsync, WarmUp, options.Interval);
            Add(figures, "exec_p50_ms", Measure.Percentile(alone, 50) / 1000);
            Add(figures, "exec_p99_ms", Measure.Percentile(alone, 99) / 1000);
            figures["exec_samples"] = alone.Length;

            var begun = Stopwatch.GetTimestamp();
            var together = await Task.WhenAll(Enumerable.Range(0, Callers).Select(_ => Measure.TimesAsync(RunOneAsync, TimeSpan.Zero, options.Interval)));
            Add(figures, "exec_per_s", together.Sum(samples => samples.Length) / Stopwatch.GetElapsedTime(begun).TotalSeconds);
        }
        finally
        {
            supervisor?.Dispose();
        }
    }

    // The supervisor times itself: from the request to the exit status, without any of our processes in between.
    private static async Task MeasureSpawnAsync(LoadOptions options, Dictionary<string, object> figures)
    {
        string[] arguments = ["measure-spawn", Spawns.ToString(CultureInfo.InvariantCulture)];
        var start = new ProcessStartInfo(Path.Combine(options.Bin, "openshell-supervisor"), arguments) { RedirectStandardOutput = true };
        using var process = Process.Start(start)!;
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        if (process.ExitCode != 0)
        {
            throw new IOException($"openshell-supervisor measure-spawn exited with {process.ExitCode}");
        }

        var measured = JsonSerializer.Deserialize<Dictionary<string, double>>(output)!;
        Add(figures, "spawn_p50_ms", measured["spawn_p50_ms"]);
        Add(figures, "spawn_p99_ms", measured["spawn_p99_ms"]);
    }

    private static async Task MeasureVmAsync(LoadOptions options, Dictionary<string, object> figures)
    {
        using var work = new WorkDirectory();
        using var gateway = await GatewayUnderTest.StartWithMachinesAsync(options, work);
        var name = (await gateway.Client.CreateSandboxAsync(new CreateSandboxRequest())).Sandbox.Metadata.Name;
        try
        {
            await Until.TrueAsync(async () => await gateway.CountReadyAsync() == 1, "the machine becomes Ready");
            var id = (await gateway.Client.GetSandboxAsync(new GetSandboxRequest { Name = name })).Sandbox.Metadata.Id;
            var samples = await Measure.TimesAsync(() => ExecAsync(gateway, id), VmWarmUp, options.Interval);
            Add(figures, "vm_exec_p50_ms", Measure.Percentile(samples, 50) / 1000);
        }
        finally
        {
            // A machine outlives a gateway that is killed.
            await gateway.Client.DeleteSandboxAsync(new DeleteSandboxRequest { Name = name });
            await Until.TrueAsync(async () => (await gateway.Client.ListSandboxesAsync(new ListSandboxesRequest())).Sandboxes.Count == 0, "the machine is gone");
        }
    }

    private static async Task MeasureSshAsync(Dictionary<string, object> figures)
    {
        using var work = new WorkDirectory();
        using var server = await SshServer.StartAsync(work);
        var control = work.File("control");
        server.StartClient(["-N", "-T", .. server.ClientArguments, "-o", "ControlMaster=yes", "-o", $"ControlPath={control}", SshServer.Destination]);
        await Until.TrueAsync(() => Task.FromResult(File.Exists(control)), "ssh's master is connected");
        var samples = new double[SshRuns];
        for (var i = 0; i < SshRuns; i++)
        {
            var begun = Stopwatch.GetTimestamp();
            using var ssh = Process.Start("ssh", [.. server.ClientArguments, "-o", "ControlMaster=no", "-o", $"ControlPath={control}", SshServer.Destination, "true"]);
            await ssh.WaitForExitAsync();
            samples[i] = Stopwatch.GetElapsedTime(begun).TotalMicroseconds;
            if (ssh.ExitCode != 0)
            {
                throw new IOException($"ssh exited with {ssh.ExitCode}");
            }
        }

        Array.Sort(samples);
        Add(figures, "ssh_controlmaster_p50_ms", Measure.Percentile(samples, 50) / 1000);
    }

    private static async Task ExecAsync(GatewayUnderTest gateway, string sandboxId)
    {
        using var call = gateway.Client.ExecSandbox(new ExecSandboxRequest { SandboxId = sandboxId, Command = { "true" } });
        int? code = null;
        await foreach (var next in call.ResponseStream.ReadAllAsync())
        {
            code = next.Exit?.ExitCode ?? code;
        }

        if (code != 0)
        {
            throw new IOException($"true exited with {code?.ToString(CultureInfo.InvariantCulture) ?? "nothing"}");
        }
    }

    private static void Add(Dictionary<string, object> figures, string name, double value) => Measure.Add(figures, name, value);
}
