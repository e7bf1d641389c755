using System.Reflection;
using Google.Protobuf;
using OpenShell.Linux.Processes;
using OpenShell.Protocol.Extensions.V1;
using OpenShell.Supervisor.Processes;
using OpenShell.Supervisor.Tests.Fakes;
using OpenShell.TestKit;

namespace OpenShell.Supervisor.Tests;

/// <summary>
/// A real supervisor process and a gateway for it. The program is the build beside the tests, or the one that
/// OPENSHELL_SUPERVISOR names. Unless told otherwise it is PID 1 of a namespace of its own.
/// </summary>
internal sealed class SupervisorProcess : IAsyncDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("os");
    private RunningProcess? _process;
    private Task _console = Task.CompletedTask;

    public FakeGateway Gateway { get; private set; } = null!;

    public string Console { get; private set; } = "";

    public string SocketPath => Path.Combine(_directory.FullName, "g");

    public RunningProcess Process => _process!;

    public static string[] Program =>
        Environment.GetEnvironmentVariable("OPENSHELL_SUPERVISOR") is { Length: > 0 } published
            ? [published]
            : [Environment.ProcessPath!, BuiltAssembly];

    private static string BuiltAssembly { get; } = typeof(SupervisorProcess).Assembly
        .GetCustomAttributes<AssemblyMetadataAttribute>().Single(attribute => attribute.Key == "SupervisorAssembly").Value!;

    public static async Task<SupervisorProcess> StartAsync(
        Action<GuestConfig>? configure = null, Action<FakeGateway>? prepare = null, bool asFirstProcess = true)
    {
        var supervisor = new SupervisorProcess();
        supervisor.Gateway = await FakeGateway.StartAsync(supervisor.SocketPath);
        prepare?.Invoke(supervisor.Gateway);
        var config = new GuestConfig
        {
            SandboxId = "sandbox-1",
            SandboxName = "quiet-fox",
            SandboxToken = FakeGateway.Token,
            Endpoint = $"unix:{supervisor.SocketPath}",
            InstanceId = "boot-1",
            LogLevel = "debug",
        };
        configure?.Invoke(config);
        var path = Path.Combine(supervisor._directory.FullName, "config");
        await File.WriteAllBytesAsync(path, config.ToByteArray());
        string[] program = [.. Program, "run", "--config", path];
        supervisor._process = TestEngine.Start(asFirstProcess ? ["unshare", .. OwnNamespace.Arguments(program)] : program);
        supervisor._console = supervisor.ReadConsoleAsync();
        return supervisor;
    }

    /// <summary>Starts one and waits for its session.</summary>
    public static async Task<SupervisorProcess> StartWithSessionAsync(Action<GuestConfig>? configure = null)
    {
        var supervisor = await StartAsync(configure);
        try
        {
            await supervisor.Gateway.WaitForSessionAsync();
            return supervisor;
        }
        catch (TimeoutException e)
        {
            await supervisor.DisposeAsync();
            throw new TimeoutException($"{e.Message} Its console: {supervisor.Console}");
        }
    }

    public async ValueTask DisposeAsync()
    {
        Process.Signal(Signals.Terminate);
        Process.Signal(Signals.Kill);
        await TestEngine.ExitOfAsync(Process);
        await _console;
        Process.Dispose();
        await Gateway.DisposeAsync();
        _directory.Delete(recursive: true);
    }

    private async Task ReadConsoleAsync()
    {
        var buffer = new byte[4096];
        int count;
        while ((count = await Process.Error!.ReadAsync(buffer, CancellationToken.None)) > 0)
        {
            Console += System.Text.Encoding.UTF8.GetString(buffer, 0, count);
        }
    }
}
