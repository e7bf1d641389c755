using Grpc.Core;
using OpenShell.Gateway.Auth;
using OpenShell.Gateway.Compute;
using OpenShell.Gateway.Hosting;
using OpenShell.Protocol.V1;

namespace OpenShell.Gateway.Services;

/// <summary>Health, GetCurrentUser and GetGatewayInfo.</summary>
internal sealed class GatewayInfoApi(ComputeClient driver, GatewayHealth health)
{
    public async Task<HealthResponse> HealthAsync(CancellationToken cancellationToken) => new()
    {
        Status = await StatusAsync(cancellationToken),
        Version = GatewayVersion.Text,
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
            GatewayVersion = GatewayVersion.Text,
        };
        if ((await driver.GetCapabilitiesAsync(cancellationToken)).Succeeded(out var capabilities, out _))
        {
            response.ComputeDrivers.Add(new ComputeDriverInfo
            {
                Name = capabilities.DriverName,
                Capabilities = new ComputeDriverCapabilities
                {
                    DriverName = capabilities.DriverName,
                    DriverVersion = capabilities.DriverVersion,
                },
            });
        }

        return response;
    }

    private async Task<ServiceStatus> StatusAsync(CancellationToken cancellationToken) =>
        (await health.CheckDatabaseAsync(cancellationToken)).Error is null ? ServiceStatus.Healthy : ServiceStatus.Unhealthy;
}
