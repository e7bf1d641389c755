using Grpc.Core;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using OpenShell.Gateway.Auth;
using OpenShell.Gateway.Compute;
using OpenShell.Gateway.Sandboxes;
using OpenShell.Linux.Programs;
using OpenShell.Protocol.Sandbox.V1;
using OpenShell.Protocol.V1;

namespace OpenShell.Gateway.Services;

/// <summary>Health, GetCurrentUser and what else is about the gateway itself.</summary>
internal sealed class GatewayInfoApi(DriverClient driver, SandboxStore sandboxes, HealthCheckService health, TimeProvider time)
{
    // Whoever asks about the gateway does not wait for a driver that is down.
    private static readonly TimeSpan DriverTimeout = TimeSpan.FromSeconds(2);

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
        using var limit = new CancellationTokenSource(DriverTimeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        if (await DriverInfoAsync(either.Token) is { } info)
        {
            response.ComputeDrivers.Add(ToMessage(info));
            response.Extensions.Add(ToExtension(info));
        }

        return response;
    }

    private static ComputeDriverInfo ToMessage(DriverInfo info) => new()
    {
        Name = info.Name,
        Capabilities = new ComputeDriverCapabilities
        {
            DriverName = info.Name,
            DriverVersion = info.Version,
            Warnings = { info.Warnings },
            ResourceCapabilities = new ResourceCapabilities
            {
                Cpu = new CpuResourceCapabilities { LimitSupported = info.Limits.Cpu },
                Memory = new MemoryResourceCapabilities { LimitSupported = info.Limits.Memory },
                Gpu = new GpuResourceCapabilities
                {
                    DefaultSelectionSupported = info.Limits.GpuBySelection,
                    CountSelectionSupported = info.Limits.GpuByCount,
                },
            },
        },
    };

    private static NegotiatedExtensionInfo ToExtension(DriverInfo info) => new()
    {
        Kind = ExtensionKind.ComputeDriver,
        ConfiguredName = info.Name,
        ImplementationName = info.Implementation.Name,
        ImplementationVersion = info.Implementation.Version,
        ProtocolMajor = info.Implementation.ProtocolMajor,
        ProtocolMinor = info.Implementation.ProtocolMinor,
        SupportedCapabilities = { info.Implementation.Supported },
        RequiredCapabilities = { info.Implementation.Required },
    };

    /// <summary>Settings of the gateway: as long as nothing can set one, there is none.</summary>
    public static GetGatewayConfigResponse Config() => new();

    /// <summary>What stands in the way of a newer gateway. That is middleware, and this gateway has none.</summary>
    public async Task<CheckGatewayUpgradeResponse> CheckUpgradeAsync(CheckGatewayUpgradeRequest request, CancellationToken cancellationToken) => new()
    {
        TargetVersion = UpgradeTarget.Parse(request.TargetVersion, ProgramVersion.Text).OrThrow(),
        GatewayVersion = ProgramVersion.Text,
        CheckedSandboxCount = (uint)(await sandboxes.ListAllAsync(cancellationToken)).Count,
    };

    private async Task<DriverInfo?> DriverInfoAsync(CancellationToken cancellationToken)
    {
        try
        {
            return (await driver.GetInfoAsync(cancellationToken)).Succeeded(out var info, out _) ? info : null;
        }
        catch (OperationCanceledException)
        {
            return null;
        }
    }

    private async Task<ServiceStatus> StatusAsync(CancellationToken cancellationToken) =>
        (await health.CheckHealthAsync(cancellationToken)).Status == HealthStatus.Healthy ? ServiceStatus.Healthy : ServiceStatus.Unhealthy;
}
