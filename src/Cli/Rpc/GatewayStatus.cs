using System.Net;
using Grpc.Core;
using OpenShell.Cli.Config;
using OpenShell.Cli.Context;
using OpenShell.Linux.Programs;
using OpenShell.Linux.Sockets;
using OpenShell.Protocol.V1;

namespace OpenShell.Cli.Rpc;

/// <summary>Whether a gateway answers, and how.</summary>
/// <param name="Key">connected, connected_http, error or disconnected.</param>
/// <param name="Error">Why it is not simply connected.</param>
internal sealed record GatewayStatus(string Key, string Label, string? Version, string? Error, int ExitCode)
{
    // Scripts poll the status while a gateway starts.
    private static readonly TimeSpan AnswerTimeout = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan HttpTimeout = TimeSpan.FromSeconds(3);

    /// <summary>What the gateway's drivers want people to know, such as that machines are not isolated as they should be.</summary>
    public IReadOnlyList<string> Warnings { get; init; } = [];

    /// <summary>Asks a gateway. Failures are part of the answer.</summary>
    public static async Task<GatewayStatus> AskAsync(GatewayTarget target, CancellationToken cancellationToken)
    {
        // Health needs no credentials, so a token file that is wrong does not hide the rest.
        using var connection = new GatewayConnection(target with { TokenFile = null });
        var status = await AskAsync(connection, cancellationToken);
        return status with { Warnings = status.Version is null ? [] : await WarningsAsync(target, cancellationToken) };
    }

    private static async Task<GatewayStatus> AskAsync(GatewayConnection connection, CancellationToken cancellationToken)
    {
        try
        {
            var health = await connection.Client.HealthAsync(new HealthRequest(), connection.Unary(cancellationToken, AnswerTimeout));
            return new GatewayStatus("connected", "Connected", health.Version, HealthText(health.Status), ExitCodes.Ok);
        }
        catch (RpcException e) when (!cancellationToken.IsCancellationRequested)
        {
            return await AskByHttpAsync(connection, e.Status, cancellationToken);
        }
    }

    // These need credentials; without valid ones the status has no warnings.
    private static async Task<IReadOnlyList<string>> WarningsAsync(GatewayTarget target, CancellationToken cancellationToken)
    {
        try
        {
            using var connection = new GatewayConnection(target);
            var info = await connection.Client.GetGatewayInfoAsync(new GetGatewayInfoRequest(), connection.Unary(cancellationToken, AnswerTimeout));
            return [.. info.ComputeDrivers.SelectMany(driver => driver.Capabilities.Warnings)];
        }
        catch (Exception e) when (e is RpcException or CliException && !cancellationToken.IsCancellationRequested)
        {
            return [];
        }
    }

    // Something answers that is no gateway of our API, or one that is still starting.
    private static async Task<GatewayStatus> AskByHttpAsync(GatewayConnection connection, Status failure, CancellationToken cancellationToken)
    {
        if (RpcErrors.IsOwnDeadline(failure) || UntrustedPeerException.Behind(failure.DebugException) is not null)
        {
            return Disconnected(failure, connection);
        }

        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(HttpTimeout);
        foreach (var version in (Version[])[HttpVersion.Version20, HttpVersion.Version11])
        {
            try
            {
                using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(connection.Target.Endpoint.Uri, "healthz"))
                {
                    Version = version,
                    VersionPolicy = HttpVersionPolicy.RequestVersionExact,
                };
                using var response = await connection.Http.SendAsync(request, limit.Token);
                return response.IsSuccessStatusCode
                    ? new GatewayStatus("connected_http", "Connected (HTTP)", null, RpcErrors.TransportText(failure), ExitCodes.Ok)
                    : new GatewayStatus("error", "Error", null, $"HTTP {(int)response.StatusCode} from /healthz", ExitCodes.Failed);
            }
            catch (Exception e) when (e is HttpRequestException or OperationCanceledException && !cancellationToken.IsCancellationRequested)
            {
            }
        }

        return RpcErrors.IsTransportFailure(failure)
            ? Disconnected(failure, connection)
            : new GatewayStatus("error", "Error", null, RpcErrors.Text(failure), ExitCodes.Failed);
    }

    private static GatewayStatus Disconnected(Status failure, GatewayConnection connection)
    {
        var error = RpcErrors.ToError(failure, connection.Target);
        return new GatewayStatus("disconnected", "Disconnected", null, error.Message, error.ExitCode);
    }

    private static string? HealthText(ServiceStatus status) => status switch
    {
        ServiceStatus.Degraded => "the gateway says that it is degraded",
        ServiceStatus.Unhealthy => "the gateway says that it is unhealthy",
        _ => null,
    };
}
