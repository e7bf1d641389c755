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
            await MeasureSshAsync(options, figures);
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
            var created = await Until.EndsAsync(gateway.Client.CreateSandboxAsync(new CreateSandboxRequest { WorkspaceScope = Scope.Default, Spec = new SandboxSpec() }).ResponseAsync, "the sandbox is created");
            await Until.TrueAsync(async () => await gateway.CountReadyAsync() == 1, "the sandbox becomes Ready");
            Task RunOneAsync() => ExecAsync(gateway, created.Sandbox.Metadata.Name, options.NoLoginShell);

            var alone = await Measure.TimesAsync(RunOneAsync, "commands, one after another", options.ExecWarmUp, options.Interval);
            Add(figures, "exec_p50_ms", Measure.Percentile(alone, 50) / 1000);
            Add(figures, "exec_p99_ms", Measure.Percentile(alone, 99) / 1000);
            figures["exec_samples"] = alone.Length;

            var (login, plain) = await Measure.AlternatelyAsync(
                () => ExecAsync(gateway, created.Sandbox.Metadata.Name, noLoginShell: false),
                () => ExecAsync(gateway, created.Sandbox.Metadata.Name, noLoginShell: true),
                "commands with and without the login environment",
                options.Interval * 2);
            Add(figures, "exec_login_p50_ms", Measure.Percentile(login, 50) / 1000);
            Add(figures, "exec_plain_p50_ms", Measure.Percentile(plain, 50) / 1000);
            Add(figures, "exec_login_over_plain", Measure.Percentile(login, 50) / Measure.Percentile(plain, 50));

            var begun = Stopwatch.GetTimestamp();
            var together = await Task.WhenAll(Enumerable.Range(0, Callers).Select(_ => Measure.TimesAsync(RunOneAsync, $"commands of {Callers} callers", TimeSpan.Zero, options.Interval)));
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
        var output = await MeasuredProcess.RunAsync(
            Path.Combine(options.Bin, "openshell-supervisor"), "measure-spawn", options.Spawns.ToString(CultureInfo.InvariantCulture));
        var measured = JsonSerializer.Deserialize<Dictionary<string, double>>(output)!;
        Add(figures, "spawn_p50_ms", measured["spawn_p50_ms"]);
        Add(figures, "spawn_p99_ms", measured["spawn_p99_ms"]);
    }

    private static async Task MeasureVmAsync(LoadOptions options, Dictionary<string, object> figures)
    {
        using var work = new WorkDirectory();
        using var gateway = await GatewayUnderTest.StartWithMachinesAsync(options, work);
        var name = (await Until.EndsAsync(gateway.Client.CreateSandboxAsync(new CreateSandboxRequest { WorkspaceScope = Scope.Default, Spec = new SandboxSpec() }).ResponseAsync, "the machine is created")).Sandbox.Metadata.Name;
        try
        {
            await Until.TrueAsync(async () => await gateway.CountReadyAsync() == 1, "the machine becomes Ready");
            var samples = await Measure.TimesAsync(() => ExecAsync(gateway, name, options.NoLoginShell), "commands in a machine", options.VmWarmUp, options.Interval);
            Add(figures, "vm_exec_p50_ms", Measure.Percentile(samples, 50) / 1000);
        }
        finally
        {
            // A machine outlives a gateway that is killed, and the run that is told to end.
            await gateway.Client.DeleteSandboxAsync(new DeleteSandboxRequest { WorkspaceScope = Scope.Default, Name = name }, deadline: DateTime.UtcNow + Until.Limit);
        }
    }

    private static async Task MeasureSshAsync(LoadOptions options, Dictionary<string, object> figures)
    {
        using var work = new WorkDirectory();
        using var server = await SshServer.StartAsync(work);
        var control = work.File("control");
        server.StartClient(["-N", "-T", .. server.ClientArguments, "-o", "ControlMaster=yes", "-o", $"ControlPath={control}", SshServer.Destination]);
        await Until.TrueAsync(() => Task.FromResult(File.Exists(control)), "ssh's master is connected");
        var samples = new double[options.SshRuns];
        for (var i = 0; i < options.SshRuns; i++)
        {
            var begun = Stopwatch.GetTimestamp();
            await MeasuredProcess.RunAsync("ssh", [.. server.ClientArguments, "-o", "ControlMaster=no", "-o", $"ControlPath={control}", SshServer.Destination, "true"]);
            samples[i] = Stopwatch.GetElapsedTime(begun).TotalMicroseconds;
        }

        Array.Sort(samples);
        Add(figures, "ssh_controlmaster_p50_ms", Measure.Percentile(samples, 50) / 1000);
    }

    private static async Task ExecAsync(GatewayUnderTest gateway, string sandbox, bool noLoginShell)
    {
        using var call = gateway.Client.ExecSandbox(
            new ExecSandboxRequest { WorkspaceScope = Scope.Default, Sandbox = sandbox, Command = { "true" }, NoLoginShell = noLoginShell });
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
