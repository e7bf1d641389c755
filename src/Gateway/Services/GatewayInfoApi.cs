using Grpc.Core;
using OpenShell.Gateway.Auth;
using OpenShell.Gateway.Compute;
using OpenShell.Gateway.Hosting;
using OpenShell.Linux.Programs;
using OpenShell.Protocol.Compute.V1;
using OpenShell.Protocol.V1;

namespace OpenShell.Gateway.Services;

/// <summary>Health, GetCurrentUser and GetGatewayInfo.</summary>
internal sealed class GatewayInfoApi(ComputeClient driver, GatewayHealth health)
{
    // Whoever asks about the gateway does not wait for a driver that is down.
    private static readonly TimeSpan DriverPatience = TimeSpan.FromSeconds(2);

    public async Task<HealthResponse> HealthAsync(CancellationToken cancellationToken) => new()
    {
        Status = await StatusAsync(cancellationToken),
        Version = ProgramVersion.Text,
    };

    public static GetCurrentUserResponse CurrentUser(ServerCallContext context)
    {
        var user = context.GetPrincipal() as UserPrincipal;
        return new GetCurrentUserResponse
        {
            Subject = user?.Subject ?? "",
            DisplayName = user?.Subject ?? "",
            IdentityProvider = user?.IdentityProvider ?? "",
            Roles = { "openshell-admin", "openshell-user" },
            Scopes = { "openshell:all" },
        };
    }

    public async Task<GetGatewayInfoResponse> InfoAsync(CancellationToken cancellationToken)
    {
        var response = new GetGatewayInfoResponse
        {
            Status = await StatusAsync(cancellationToken),
            GatewayVersion = ProgramVersion.Text,
        };
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(DriverPatience);
        if (await CapabilitiesAsync(patience.Token) is { } capabilities)
        {
            response.ComputeDrivers.Add(new ComputeDriverInfo
            {
                Name = capabilities.DriverName,
                Capabilities = new ComputeDriverCapabilities
                {
                    DriverName = capabilities.DriverName,
                    DriverVersion = capabilities.DriverVersion,
                    Warnings = { capabilities.Warnings },
                },
            });
        }

        return response;
    }

    private async Task<GetCapabilitiesResponse?> CapabilitiesAsync(CancellationToken patience)
    {
        try
        {
            return (await driver.GetCapabilitiesAsync(patience)).Succeeded(out var capabilities, out _) ? capabilities : null;
        }
        catch (OperationCanceledException)
        {
            return null;
        }
    }

    private async Task<ServiceStatus> StatusAsync(CancellationToken cancellationToken) =>
        (await health.CheckDatabaseAsync(cancellationToken)).Error is null ? ServiceStatus.Healthy : ServiceStatus.Unhealthy;
}
