using System.Text.Json.Serialization;
using OpenShell.Gateway.Hosting;
using OpenShell.Linux.Programs;

namespace OpenShell.Gateway.Http;

/// <summary>/healthz: the process answers. /readyz: it can work.</summary>
internal static class HealthEndpoints
{
    public static void MapHealth(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/healthz", () => Results.Ok());
        routes.MapGet("/readyz", ReadyAsync);
    }

    private static async Task<IResult> ReadyAsync(GatewayHealth health, CancellationToken cancellationToken)
    {
        var database = await health.CheckDatabaseAsync(cancellationToken);
        var report = new ReadinessReport(
            database.Error is null ? "healthy" : "unhealthy",
            ProgramVersion.Text,
            new ReadinessChecks(new DatabaseCheck(
                database.Error is null ? "healthy" : "unhealthy", database.Latency.TotalMilliseconds, database.Error)));
        return Results.Json(
            report,
            HealthJson.Default.ReadinessReport,
            statusCode: database.Error is null ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable);
    }
}

/// <summary>Body of /readyz.</summary>
internal sealed record ReadinessReport(string Status, string Version, ReadinessChecks Checks);

/// <summary>What was checked.</summary>
internal sealed record ReadinessChecks(DatabaseCheck Database);

/// <summary>Whether the database answered, and how fast in milliseconds.</summary>
internal sealed record DatabaseCheck(string Status, [property: JsonPropertyName("latency_ms")] double LatencyMs, string? Error);

/// <summary>Serializer of the bodies.</summary>
[JsonSerializable(typeof(ReadinessReport))]
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
internal sealed partial class HealthJson : JsonSerializerContext;
