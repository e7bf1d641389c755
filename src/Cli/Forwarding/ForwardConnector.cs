using System.Net.Sockets;
using Grpc.Core;
using OpenShell.Cli.Context;
using OpenShell.Cli.Rpc;
using OpenShell.Cli.Text;
using OpenShell.Protocol;
using OpenShell.Protocol.Relay;
using OpenShell.Protocol.V1;

namespace OpenShell.Cli.Forwarding;

/// <summary>
/// Joins local connections to streams into one sandbox. What passes (a gateway that comes back) is waited for while the
/// local connection waits; what does not, such as a limit of the gateway, ends it.
/// </summary>
internal sealed class ForwardConnector(CliContext context, GatewayConnection connection, Sandbox sandbox)
{
    // Longer than a gateway takes to restart.
    private static readonly TimeSpan RetryTimeout = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan FirstRetryDelay = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan LongestRetryDelay = TimeSpan.FromSeconds(1);

    private string? _lastReport;

    /// <summary>Opens and closes a stream: whether the way to the target is there.</summary>
    /// <returns>Null if it is; otherwise why the target does not answer, though the sandbox does.</returns>
    /// <exception cref="CliException">The sandbox cannot be reached.</exception>
    public async Task<string?> ProbeAsync(ForwardPorts ports, CancellationToken cancellationToken)
    {
        try
        {
            await using var stream = await OpenAsync(ports, cancellationToken);
            stream.Relay.Abort();
            return null;
        }
        catch (RelayRefusedException e) when (IsTargets(e))
        {
            return e.Detail;
        }
    }

    /// <summary>Serves one connection to its end; its failures are reported, not thrown.</summary>
    public async Task ServeAsync(Socket socket, ForwardPorts ports, CancellationToken cancellationToken)
    {
        using (socket)
        {
            try
            {
                await using var stream = await OpenAsync(ports, cancellationToken);
                await RelaySocket.RunAsync(stream.Relay, socket, cancellationToken);
            }
            catch (Exception e) when (e is IOException or RpcException or CliException or HttpRequestException or OperationCanceledException)
            {
                // The peer is to see a connection that broke, not one that ended.
                socket.LingerState = new LingerOption(true, 0);
                if (!cancellationToken.IsCancellationRequested && Failure(e) is { } reason)
                {
                    // Not on the thread that polls the sockets: a terminal may be stopped.
                    await Task.Yield();
                    ReportOnce($"{ports.Local}: a connection was not forwarded: {reason}");
                }
            }
        }
    }

    private async Task<SandboxStream> OpenAsync(ForwardPorts ports, CancellationToken cancellationToken)
    {
        var backoff = new Backoff(FirstRetryDelay, LongestRetryDelay, Random.Shared);
        var start = context.Time.GetTimestamp();
        while (true)
        {
            var init = new TcpForwardInit
            {
                ServiceId = "forward",
                Tcp = new TcpRelayTarget { Host = ports.Host, Port = (uint)ports.Port },
            };
            try
            {
                return await SandboxStream.OpenAsync(connection, sandbox.Metadata.Name, sandbox.Metadata.Id, init, cancellationToken);
            }
            catch (Exception e) when (MayPass(e) && context.Time.GetElapsedTime(start) < RetryTimeout && !cancellationToken.IsCancellationRequested)
            {
                await Task.Delay(backoff.Next(), context.Time, cancellationToken);
            }
        }
    }

    private static bool MayPass(Exception e) => e switch
    {
        RelayRefusedException refused => refused.Code == StatusCode.Unavailable && !IsTargets(refused),
        RpcException rpc => rpc.StatusCode != StatusCode.ResourceExhausted && RpcErrors.MayPass(rpc.StatusCode),
        _ => e is IOException or HttpRequestException,
    };

    // The supervisor's answer: "supervisor relay failed: localhost:80: Connection refused".
    private static bool IsTargets(RelayRefusedException e) =>
        e.Code == StatusCode.Unavailable && e.Detail.StartsWith("supervisor relay failed:", StringComparison.Ordinal)
        && e.Detail.Contains("refused", StringComparison.OrdinalIgnoreCase);

    // A stream that ended because its peer went away is how most connections end.
    private static string? Failure(Exception e) => e switch
    {
        RelayRefusedException refused => refused.Detail,
        RpcException rpc => RpcErrors.TransportText(rpc.Status),
        HttpRequestException or CliException => e.Message,
        _ => null,
    };

    // Once, not for each of a browser's connections.
    private void ReportOnce(string text)
    {
        if (Interlocked.Exchange(ref _lastReport, text) != text)
        {
            context.Console.Error.WriteLine(SafeText.OneLine(text));
        }
    }
}
