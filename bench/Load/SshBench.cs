using System.Diagnostics;
using OpenShell.Protocol.V1;

namespace OpenShell.Load;

/// <summary>
/// OpenSSH's client into a sandbox without a machine, as <c>sandbox connect</c> calls it (ssh → ssh-proxy → gateway →
/// supervisor), through the public SSH gateway, and to an sshd beside them.
/// </summary>
internal sealed class SshBench(LoadOptions options)
{
    // The cipher that all of them use: what the client would choose differs with the server.
    private const string Cipher = "aes128-gcm@openssh.com";
    private const string Host = "box";

    public static Task<Dictionary<string, object>> RunAsync(LoadOptions options) => new SshBench(options).RunAsync();

    private async Task<Dictionary<string, object>> RunAsync()
    {
        var figures = new Dictionary<string, object>();
        using var work = new WorkDirectory();
        var bytes = work.File("bytes");
        await File.WriteAllBytesAsync(bytes, new byte[options.PutBytes]);
        ChildProcess? supervisor = null;
        await using var driver = await LoadDriver.StartAsync(
            work.File("driver.sock"), sandbox => supervisor = SupervisorUnderTest.Start(options, work, sandbox, work.File("ssh/s")));
        using var gateway = await GatewayUnderTest.StartAsync(options, work, work.File("driver.sock"));
        try
        {
            var created = await Until.EndsAsync(gateway.Client.CreateSandboxAsync(new CreateSandboxRequest { WorkspaceScope = Scope.Default, Spec = new SandboxSpec() }).ResponseAsync, "the sandbox is created");
            await Until.TrueAsync(async () => await gateway.CountReadyAsync() == 1, "the sandbox becomes Ready");
            await MeasureAsync(figures, "", [.. Proxy(work, created.Sandbox), Host], Host, bytes, work.File("put"));
        }
        finally
        {
            supervisor?.Dispose();
        }

        using var server = await SshServer.StartAsync(work);
        await MeasureAsync(figures, "direct_sshd_", [.. server.ClientArguments, SshServer.Destination], SshServer.Destination, bytes, work.File("put"));
        Measure.Add(figures, "cat_share_of_direct", (double)figures["cat_mb_s"] / (double)figures["direct_sshd_mb_s"]);
        figures["load_average"] = ProcessFigures.LoadAverage();
        return figures;
    }

    private async Task MeasureAsync(
        Dictionary<string, object> figures, string prefix, string[] client, string destination, string bytes, string put)
    {
        // The first ones start what is started on demand.
        for (var i = 0; i < options.Repeats; i++)
        {
            await FirstByteAsync(client);
        }

        var samples = new double[options.Connects];
        for (var i = 0; i < options.Connects; i++)
        {
            samples[i] = await FirstByteAsync(client);
        }

        Array.Sort(samples);
        Measure.Add(figures, $"{prefix}connect_p50_ms", Measure.Percentile(samples, 50));

        // The best of some: others on the machine only ever take away.
        var cat = 0.0;
        var sftp = 0.0;
        for (var i = 0; i < options.Repeats; i++)
        {
            cat = Math.Max(cat, await CatAsync(client));
            sftp = Math.Max(sftp, await PutAsync(client[..^1], destination, bytes, put));
        }

        Measure.Add(figures, prefix.Length == 0 ? "cat_mb_s" : $"{prefix}mb_s", cat);
        Measure.Add(figures, $"{prefix}sftp_put_mb_s", sftp);
    }

    private string[] Proxy(WorkDirectory work, Sandbox sandbox)
    {
        var openshell = Path.Combine(Path.GetFullPath(options.Bin), "openshell");
        var proxy = $"{openshell} --gateway-endpoint unix:{work.File("gateway/run/gateway.sock")} ssh-proxy --id {sandbox.Metadata.Id} {sandbox.Metadata.Name}";
        return
        [
            "-F", "none", "-o", $"ProxyCommand={proxy}", "-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null",
            "-o", "IdentityFile=none", "-o", "LogLevel=ERROR", "-c", Cipher,
        ];
    }

    // Milliseconds from the start of ssh until the first byte of a command's output.
    private static async Task<double> FirstByteAsync(string[] client)
    {
        var begun = Stopwatch.GetTimestamp();
        using var ssh = new MeasuredProcess("ssh", [.. client, "echo; true"]);
        if (await Until.EndsAsync(ssh.Output.ReadAsync(new byte[1]).AsTask(), "ssh prints a command's first byte") != 1)
        {
            throw new IOException("ssh ended without output");
        }

        var elapsed = Stopwatch.GetElapsedTime(begun).TotalMilliseconds;
        await ssh.ReadToEndAsync();
        return elapsed;
    }

    private async Task<double> CatAsync(string[] client)
    {
        using var ssh = new MeasuredProcess("ssh", [.. client, $"head -c {options.CatBytes} /dev/zero"]);
        var rate = await Until.EndsAsync(ReadAsync(), $"{options.CatBytes} bytes come by ssh");
        await ssh.ReadToEndAsync();
        return rate;

        async Task<double> ReadAsync()
        {
            var buffer = new byte[1 << 20];
            long begun = 0, total = 0;
            while (await ssh.Output.ReadAsync(buffer) is > 0 and var count)
            {
                begun = total == 0 ? Stopwatch.GetTimestamp() : begun;
                total += count;
            }

            return total == options.CatBytes
                ? total / Stopwatch.GetElapsedTime(begun).TotalSeconds / 1e6
                : throw new IOException($"{total} of {options.CatBytes} bytes came");
        }
    }

    // With the connection: nothing tells when the transfer itself begins.
    private async Task<double> PutAsync(string[] client, string destination, string bytes, string put)
    {
        var begun = Stopwatch.GetTimestamp();
        using var scp = new MeasuredProcess("scp", [.. client.Select(o => o == "-p" ? "-P" : o), bytes, $"{destination}:{put}"]);
        await scp.ReadToEndAsync();
        var elapsed = Stopwatch.GetElapsedTime(begun).TotalSeconds;
        File.Delete(put);
        return options.PutBytes / elapsed / 1e6;
    }
}
