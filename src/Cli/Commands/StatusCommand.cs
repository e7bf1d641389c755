using System.CommandLine;
using System.Net;
using System.Text.Json.Nodes;
using Grpc.Core;
using OpenShell.Cli.Config;
using OpenShell.Cli.Context;
using OpenShell.Cli.Output;
using OpenShell.Cli.Parsing;
using OpenShell.Cli.Rpc;
using OpenShell.Cli.Text;
using OpenShell.Linux.Programs;
using OpenShell.Linux.Sockets;
using OpenShell.Protocol.V1;

namespace OpenShell.Cli.Commands;

/// <summary><c>openshell status</c>. Its exit code is for scripts: 5 if the selected gateway does not answer, 1 if what answers is none.</summary>
internal sealed class StatusCommand : CliCommand
{
    // Somebody polls this while a gateway starts.
    private static readonly TimeSpan AnswerTimeout = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan HttpTimeout = TimeSpan.FromSeconds(3);

    private readonly GatewayConnector _connector;
    private readonly OutputOption _output = new();

    public StatusCommand(CliContext context, GatewayConnector connector)
        : base("status", "Show whether the gateway answers", context)
    {
        _connector = connector;
        Options.Add(_output);
    }

    protected override async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var format = _output.Of(parsed);
        if (_connector.Find(parsed) is not { } target)
        {
            PrintNoGateway(format);
            return ExitCodes.Ok;
        }

        // Health needs no credentials, so a token file that is wrong is no reason to know nothing.
        using var connection = new GatewayConnection(target with { TokenFile = null });
        var status = await AskAsync(connection, cancellationToken);
        status = status with { Warnings = status.Version is null ? [] : await WarningsAsync(target, cancellationToken) };
        Print(target, status, format);
        return status.ExitCode;
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

    // They need credentials; who has none that are good learns the rest all the same.
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

    private void Print(GatewayTarget target, GatewayStatus status, OutputFormat format)
    {
        if (format != OutputFormat.Table)
        {
            var document = new JsonObject
            {
                ["gateway"] = target.Name,
                ["server"] = target.Endpoint.ToString(),
                ["status"] = status.Key,
                ["version"] = status.Version,
                ["error"] = status.Error,
            };
            if (status.Warnings.Count > 0)
            {
                document["warnings"] = new JsonArray([.. status.Warnings.Select(warning => (JsonNode)warning)]);
            }

            DocumentWriter.Write(Context.Console.Out, document, format);
            return;
        }

        var palette = Context.OutPalette;
        var output = Context.Console.Out;
        output.WriteLine(palette.Bold("Server Status"));
        output.WriteLine($"  Gateway: {target.Name ?? "-"}");
        output.WriteLine($"  Server: {target.Endpoint}");
        output.WriteLine($"  Status: {Styled(status, palette)}");
        if (status.Version is { } version)
        {
            output.WriteLine($"  Version: {SafeText.OneLine(version)}");
        }

        if (status.Error is { } error)
        {
            output.WriteLine($"  Error: {SafeText.OneLine(error)}");
        }

        foreach (var warning in status.Warnings)
        {
            output.WriteLine($"  Warning: {SafeText.OneLine(warning)}");
        }
    }

    private void PrintNoGateway(OutputFormat format)
    {
        if (format != OutputFormat.Table)
        {
            var document = new JsonObject
            {
                ["gateway"] = null,
                ["server"] = null,
                ["status"] = "disconnected",
                ["version"] = null,
                ["error"] = "no gateway configured",
            };
            DocumentWriter.Write(Context.Console.Out, document, format);
            return;
        }

        Context.Console.Out.WriteLine("No gateway configured.");
        Context.Console.Out.WriteLine("Add one with: openshell gateway add <endpoint>");
    }

    private static string Styled(GatewayStatus status, Palette palette) => status.Key switch
    {
        "connected" or "connected_http" => palette.Good(status.Label),
        _ => palette.Bad(status.Label),
    };
}

/// <summary>What <c>status</c> found out.</summary>
/// <param name="Key">connected, connected_http, error or disconnected.</param>
/// <param name="Error">Why it is not simply connected.</param>
internal sealed record GatewayStatus(string Key, string Label, string? Version, string? Error, int ExitCode)
{
    /// <summary>What the gateway's drivers want people to know, such as that machines are not isolated as they should be.</summary>
    public IReadOnlyList<string> Warnings { get; init; } = [];
}
