using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Diagnostics.HealthChecks;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using OpenShell.Gateway.Store;
using OpenShell.Linux.Programs;

namespace OpenShell.Gateway.Http;

/// <summary>/healthz: the process answers. /readyz: it can work.</summary>
internal static class HealthEndpoints
{
    /// <summary>Name of the check of the database.</summary>
    public const string Database = "database";

    public static void MapHealth(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/healthz", () => Results.Ok());
        routes.MapHealthChecks("/readyz", new HealthCheckOptions { ResponseWriter = WriteAsync });
    }

    private static Task WriteAsync(HttpContext context, HealthReport report)
    {
        var database = report.Entries[Database];
        var body = new ReadinessReport(
            Word(report.Status),
            ProgramVersion.Text,
            new ReadinessChecks(new DatabaseCheck(
                Word(database.Status), database.Data.TryGetValue(DatabaseHealthCheck.Latency, out var latency) ? (double)latency : 0, database.Description)));
        return context.Response.WriteAsJsonAsync(body, HealthJson.Default.ReadinessReport, cancellationToken: context.RequestAborted);
    }

    private static string Word(HealthStatus status) => status == HealthStatus.Healthy ? "healthy" : "unhealthy";
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
