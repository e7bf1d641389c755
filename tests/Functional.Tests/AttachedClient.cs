using System.Text;
using Google.Protobuf;
using Grpc.Core;
using OpenShell.Protocol.V1;
using OpenShell.TestKit;

namespace OpenShell.Functional;

/// <summary>A client of a main process. Disposing leaves the process.</summary>
internal sealed class AttachedClient : IAsyncDisposable
{
    private readonly AsyncDuplexStreamingCall<ExecSandboxInput, ExecSandboxEvent> _call;
    private readonly Lock _lock = new();
    private readonly StringBuilder _said = new();
    private Task<ExecSandboxExit> _reading = null!;

    private AttachedClient(AsyncDuplexStreamingCall<ExecSandboxInput, ExecSandboxEvent> call) => _call = call;

    /// <summary>How it is attached.</summary>
    public ExecSandboxAttached Attached { get; private set; } = null!;

    /// <summary>What the process has said to this client.</summary>
    public string Said
    {
        get
        {
            lock (_lock)
            {
                return _said.ToString();
            }
        }
    }

    /// <summary>Attaches once the sandbox can be reached.</summary>
    public static async Task<AttachedClient> OpenAsync(GatewayProcess gateway, string name, ExecSandboxRequest request)
    {
        await Eventually.BecomesTrueAsync(
            async () => (await gateway.Client.GetSandboxAsync(new GetSandboxRequest { WorkspaceScope = Scope.Default, Name = name })).Sandbox.Status.Phase
                is SandboxPhase.Ready or SandboxPhase.Completed or SandboxPhase.Error,
            () => $"sandbox {name} can be reached\n{gateway.Log}");
        var client = new AttachedClient(gateway.Client.ExecSandboxInteractive());
        await client.SendAsync(new ExecSandboxInput { Start = request });
        var events = client._call.ResponseStream;
        Assert.That(await Eventually.EndsAsync(events.MoveNext(CancellationToken.None), "the first event"), Is.True);
        Assert.That(events.Current.Attached, Is.Not.Null, $"attached comes first, not {events.Current}");
        client.Attached = events.Current.Attached;
        client._reading = client.ReadAsync();
        return client;
    }

    /// <summary>Sends keys.</summary>
    public Task TypeAsync(string text) => SendAsync(new ExecSandboxInput { Stdin = ByteString.CopyFromUtf8(text) });

    public Task SendAsync(ExecSandboxInput input) => Eventually.EndsAsync(_call.RequestStream.WriteAsync(input), "a write");

    public Task EndInputAsync() => _call.RequestStream.CompleteAsync();

    /// <summary>Waits until the process has said something.</summary>
    public Task SaysAsync(string text) =>
        Eventually.BecomesTrueAsync(() => Task.FromResult(Said.Contains(text, StringComparison.Ordinal)), () => $"'{text}' is said; what was: '{Said}'");

    /// <summary>How the process ended.</summary>
    public Task<ExecSandboxExit> EndsAsync() => Eventually.EndsAsync(_reading, $"the main process ends; it said: {Said}");

    public async ValueTask DisposeAsync()
    {
        _call.Dispose();
        try
        {
            await _reading;
        }
        catch (RpcException)
        {
            // Cancelled by that, unless it was over.
        }
    }

    private async Task<ExecSandboxExit> ReadAsync()
    {
        await foreach (var next in _call.ResponseStream.ReadAllAsync())
        {
            if (next.Exit is { } exit)
            {
                return exit;
            }

            lock (_lock)
            {
                _said.Append(next.Stdout?.Data.ToStringUtf8() ?? next.Stderr?.Data.ToStringUtf8());
            }
        }

        throw new AssertionException("the stream ended without an exit event");
    }
}
