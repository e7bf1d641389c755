using System.Diagnostics;
using System.Globalization;
using Google.Protobuf;
using OpenShell.Protocol.Extensions.V1;
using OpenShell.TestKit;

namespace OpenShell.Ssh.Tests;

/// <summary>A real supervisor without a gateway, PID 1 of a namespace of its own, and its SSH server.</summary>
internal sealed class SandboxServer : IAsyncDisposable
{
    private readonly TestDirectory _directory;
    private readonly Process _process;
    private bool _stopped;

    private SandboxServer(Process process, TestDirectory directory)
    {
        _process = process;
        _directory = directory;
    }

    public string Socket => SocketIn(_directory);

    public string HostKeyFile => Path.ChangeExtension(Socket, ".key");

    /// <summary>A path in the test's directory.</summary>
    public string File(string name) => _directory.File(name);

    /// <summary>The supervisor's pid on the host: the child of unshare.</summary>
    public int Pid => int.Parse(
        System.IO.File.ReadAllText($"/proc/{_process.Id}/task/{_process.Id}/children").Split(' ')[0], CultureInfo.InvariantCulture);

    /// <summary>Bytes that are resident and not of a file.</summary>
    public long AnonymousBytes => System.IO.File.ReadLines($"/proc/{Pid}/status")
        .Where(line => line.StartsWith("RssAnon:", StringComparison.Ordinal))
        .Select(line => long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) * 1024)
        .Single();

    /// <summary>Processes in the namespace but the supervisor and the main process.</summary>
    public int ProcessCount => Directory.EnumerateDirectories($"/proc/{Pid}/task").Sum(ChildrenOf) - 1;

    public static async Task<SandboxServer> StartAsync(
        string sandboxId = "sandbox-1", TestDirectory? directory = null, string[]? command = null, bool tty = false)
    {
        directory ??= new TestDirectory();
        var config = new GuestConfig
        {
            SandboxId = sandboxId,
            SandboxName = "quiet-fox",
            SandboxToken = "none",
            Endpoint = $"unix:{directory.File("no-gateway")}",
            InstanceId = "boot-1",
            Environment = { ["FROM_SANDBOX"] = "yes" },
            Command = { command ?? ["sleep", "infinity"] },
            Tty = tty,
        };
        await System.IO.File.WriteAllBytesAsync(directory.File("config"), config.ToByteArray());
        var start = new ProcessStartInfo(
            "unshare",
            OwnNamespace.Arguments(
                TestPaths.Program("openshell-supervisor"), "run", "--config", directory.File("config"), "--ssh-socket-path", SocketIn(directory)))
        {
            RedirectStandardError = true,
            RedirectStandardInput = true,
        };
        var process = Process.Start(start)!;
        process.ErrorDataReceived += (_, _) => { };
        process.BeginErrorReadLine();
        await Eventually.BecomesTrueAsync(() => System.IO.File.Exists(SocketIn(directory)), "the SSH server listens");
        return new SandboxServer(process, directory);
    }

    /// <summary>Waits until no process is left in the namespace but the supervisor and the main process.</summary>
    public Task BecomesIdleAsync() => Eventually.BecomesTrueAsync(() => ProcessCount == 0, "no process of the sandbox is left but the main one");

    /// <summary>Ends the supervisor in order, and leaves the directory.</summary>
    public async Task<TestDirectory> StopAsync()
    {
        using (var kill = Process.Start("kill", ["-TERM", Pid.ToString(CultureInfo.InvariantCulture)]))
        {
            await kill.WaitForExitAsync();
        }

        await Eventually.EndsAsync(_process.WaitForExitAsync(), "the supervisor ends");
        _stopped = true;
        return _directory;
    }

    public async ValueTask DisposeAsync()
    {
        if (!_stopped)
        {
            _process.Kill();
            await _process.WaitForExitAsync();
        }

        _process.Dispose();
        _directory.Dispose();
    }

    private static string SocketIn(TestDirectory directory) => directory.File("ssh/ssh.sock");

    private static int ChildrenOf(string thread)
    {
        try
        {
            return System.IO.File.ReadAllText(Path.Combine(thread, "children")).Split(' ', StringSplitOptions.RemoveEmptyEntries).Length;
        }
        catch (IOException)
        {
            // The thread has ended.
            return 0;
        }
    }
}
