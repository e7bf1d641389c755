using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using Grpc.Core.Interceptors;
using Grpc.Net.Client;
using OpenShell.Protocol.V1;
using Api = OpenShell.Protocol.V1.OpenShell;

namespace OpenShell.TestKit;

/// <summary>
/// The real gateway as a process of its own, in a test's directory. Disposing stops it in order and fails the test if
/// it logged an error that was not expected.
/// </summary>
public sealed partial class GatewayProcess : IAsyncDisposable
{
    private readonly Process _process;
    private readonly List<string> _log = [];
    private readonly TaskCompletionSource<Uri> _listening = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private GrpcChannel? _channel;

    private GatewayProcess(Process process) => _process = process;

    /// <summary>Errors in the log that the test provokes.</summary>
    public List<string> ExpectedErrors { get; } = [];

    /// <summary>Process id.</summary>
    public int Pid => _process.Id;

    /// <summary>The public endpoint.</summary>
    public Uri Endpoint { get; private set; } = null!;

    /// <summary>The socket for this user's own programs, as the command line takes it.</summary>
    public string LocalEndpoint { get; private set; } = "";

    /// <summary>A client with the admin token.</summary>
    public Api.OpenShellClient Client { get; private set; } = null!;

    /// <summary>The token of <see cref="Client"/>.</summary>
    public string AdminToken { get; private set; } = "";

    /// <summary>Everything it has written so far.</summary>
    public string Log
    {
        get
        {
            lock (_log)
            {
                return string.Join('\n', _log);
            }
        }
    }

    /// <summary>Starts a gateway and waits until it listens.</summary>
    /// <param name="directory">Holds its state.</param>
    /// <param name="arguments">Further options.</param>
    public static Task<GatewayProcess> StartAsync(TestDirectory directory, params string[] arguments) =>
        StartAsync(directory, [TestPaths.Program("openshell-gateway")], arguments);

    /// <summary>As above, with a limit of open files.</summary>
    public static Task<GatewayProcess> StartAsync(TestDirectory directory, int maxDescriptors, params string[] arguments) =>
        StartAsync(
            directory,
            ["prlimit", string.Create(CultureInfo.InvariantCulture, $"--nofile={maxDescriptors}:{maxDescriptors}"), TestPaths.Program("openshell-gateway")],
            arguments);

    private static async Task<GatewayProcess> StartAsync(TestDirectory directory, string[] program, string[] arguments)
    {
        var process = new Process
        {
            StartInfo = new ProcessStartInfo(program[0], program[1..])
            {
                RedirectStandardError = true,
                RedirectStandardOutput = true,
                RedirectStandardInput = true,
            }.WithoutDiagnosticPipes(),
        };
        var state = directory.File("gateway");
        string[] fixedArguments = ["--port", "0", "--state-dir", state, .. arguments];
        Array.ForEach(fixedArguments, process.StartInfo.ArgumentList.Add);
        var gateway = new GatewayProcess(process);
        process.ErrorDataReceived += (_, line) => gateway.Take(line.Data);
        process.OutputDataReceived += (_, line) => gateway.Take(line.Data);
        process.EnableRaisingEvents = true;
        process.Exited += (_, _) => gateway._listening.TrySetException(
            new AssertionException($"the gateway exited with {process.ExitCode}:\n{gateway.Log}"));
        process.Start();
        process.StandardInput.Close();
        process.BeginErrorReadLine();
        process.BeginOutputReadLine();
        gateway.Endpoint = await Eventually.EndsAsync(gateway._listening.Task, "the gateway listens");

        var token = (await System.IO.File.ReadAllTextAsync(Path.Combine(state, "admin.token"))).Trim();
        gateway.LocalEndpoint = $"unix:{Path.Combine(state, "run", "gateway.sock")}";
        gateway.AdminToken = token;
        gateway._channel = GrpcChannel.ForAddress(gateway.Endpoint);
        gateway.Client = gateway.ClientOf(gateway._channel);
        return gateway;
    }

    /// <summary>A channel without any token.</summary>
    public GrpcChannel AnonymousChannel() => GrpcChannel.ForAddress(Endpoint);

    /// <summary>A connection beside the one of <see cref="Client"/>.</summary>
    public GrpcChannel NewChannel(HttpMessageHandler? handler = null) =>
        GrpcChannel.ForAddress(Endpoint, new GrpcChannelOptions { HttpHandler = handler });

    /// <summary>A client with the admin token on another channel.</summary>
    public Api.OpenShellClient ClientOf(GrpcChannel channel) => new(channel.Intercept(metadata =>
    {
        metadata.Add("authorization", $"Bearer {AdminToken}");
        return metadata;
    }));

    /// <summary>Creates a sandbox and waits until it is READY.</summary>
    public async Task<Sandbox> CreateReadyAsync(SandboxSpec? spec = null)
    {
        var created = await Client.CreateSandboxAsync(new CreateSandboxRequest { WorkspaceScope = Scope.Default, Spec = spec ?? new SandboxSpec() });
        return await WaitForPhaseAsync(created.Sandbox.Metadata.Name, SandboxPhase.Ready);
    }

    /// <summary>Waits until a sandbox is in a phase.</summary>
    public async Task<Sandbox> WaitForPhaseAsync(string name, SandboxPhase phase, TimeSpan? timeout = null)
    {
        Sandbox? seen = null;
        await Eventually.BecomesTrueAsync(
            async () =>
            {
                seen = (await Client.GetSandboxAsync(new GetSandboxRequest { WorkspaceScope = Scope.Default, Name = name })).Sandbox;
                return seen.Status.Phase == phase;
            },
            () => $"sandbox {name} becomes {phase}; it is {seen?.Status}\n{Log}",
            timeout);
        return seen!;
    }

    /// <summary>Runs a command to its end.</summary>
    public async Task<ExecOutcome> ExecAsync(ExecSandboxRequest request, CancellationToken cancellationToken = default)
    {
        using var call = Client.ExecSandbox(request, cancellationToken: cancellationToken);
        return await ExecOutcome.ReadAsync(call.ResponseStream, cancellationToken);
    }

    /// <summary>Stops it in order; fails if a session or a relay is left over.</summary>
    public async Task AssertStopsWithNothingLeftAsync()
    {
        await StopAsync();
        await Eventually.BecomesTrueAsync(
            () => Log.Contains("left over: 0 sessions, 0 pending relays, 0 active relays", StringComparison.Ordinal),
            $"the gateway says that nothing is left over:\n{Log}");
    }

    /// <summary>As kill -9.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
    }

    /// <summary>Sends a signal by number.</summary>
    public void Signal(string name)
    {
        using var kill = Process.Start("kill", [$"-{name}", Pid.ToString(CultureInfo.InvariantCulture)]);
        kill.WaitForExit();
    }

    /// <summary>Stops it with TERM.</summary>
    /// <returns>Its exit code.</returns>
    public async Task<int> StopAsync()
    {
        if (!_process.HasExited)
        {
            Signal("TERM");
            using var timeout = new CancellationTokenSource(Eventually.Timeout);
            try
            {
                await _process.WaitForExitAsync(timeout.Token);
            }
            catch (OperationCanceledException)
            {
                _process.Kill();
                throw new AssertionException($"the gateway did not stop within {Eventually.Timeout} of TERM:\n{Log}");
            }
        }

        return _process.ExitCode;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        _channel?.Dispose();
        try
        {
            await StopAsync();
            AssertNoUnexpectedErrors();
        }
        finally
        {
            _process.Dispose();
        }
    }

    private void AssertNoUnexpectedErrors()
    {
        lock (_log)
        {
            var unexpected = _log.Where(l => ErrorLine().IsMatch(l) && !ExpectedErrors.Any(l.Contains)).ToList();
            if (unexpected.Count > 0)
            {
                throw new AssertionException($"unexpected errors in the gateway's log:\n{string.Join('\n', unexpected)}");
            }
        }
    }

    private void Take(string? line)
    {
        if (line is null)
        {
            return;
        }

        lock (_log)
        {
            _log.Add(line);
        }

        if (ListeningLine().Match(line) is { Success: true } match)
        {
            _listening.TrySetResult(new Uri(match.Groups[1].Value));
        }
    }

    [GeneratedRegex("Server listening on (http://[^ ]+)")]
    private static partial Regex ListeningLine();

    [GeneratedRegex("(fail|crit): ")]
    private static partial Regex ErrorLine();
}
