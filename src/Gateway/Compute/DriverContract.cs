using OpenShell.Linux.Programs;
using OpenShell.Protocol.Compute.V1;
using OpenShell.Protocol.Extension.V1;
using OpenShell.Protocol.Outcomes;
using OpenShell.Protocol.Peers;
using OpenShell.Protocol.Untrusted;

namespace OpenShell.Gateway.Compute;

/// <summary>What the gateway and the driver that is up have agreed on.</summary>
/// <param name="TakesStartTokens">
/// Each boot has a token of its own. Otherwise a sandbox keeps the one of its creation, and with it its boot epoch.
/// </param>
internal sealed record DriverContract(DriverInfo Driver, bool TakesStartTokens)
{
    /// <summary>What this gateway says of itself.</summary>
    public static PeerMetadata Gateway { get; } = ComputeContract.Describe("openshell-gateway", ProgramVersion.Text);

    /// <summary>Whether we can work with a driver.</summary>
    public static Outcome<DriverContract> With(GetCapabilitiesResponse driver)
    {
        var name = $"the compute driver '{driver.DriverName}' {driver.DriverVersion}".TrimEnd();
        var refusal = ComputeContract.Check(driver.Extension, name, Gateway) ?? driver switch
        {
            { DriverReportsRuntimeReadiness: true } =>
                $"{name} sets driver_reports_runtime_readiness: this gateway takes a sandbox for ready when its supervisor is connected, and only then",
            { ResourceAdmissionPolicy.Length: > 0 } =>
                $"{name} has the resource_admission_policy '{driver.ResourceAdmissionPolicy}', this gateway has none; configure the driver without one",
            _ => null,
        };
        return refusal is null
            ? new DriverContract(
                new DriverInfo(
                    driver.DriverName,
                    driver.DriverVersion,
                    [.. Warnings(driver, name), .. driver.Warnings],
                    ToImplementation(driver.Extension),
                    ToLimits(driver.ResourceCapabilities)),
                driver.Extension.SupportedCapabilities.Contains(ComputeContract.StartToken))
            : new Failure(FailureKind.FailedPrecondition, refusal);
    }

    private static DriverImplementation ToImplementation(PeerMetadata driver) => new(
        HarmlessText.Line(driver.ImplementationName),
        HarmlessText.Line(driver.ImplementationVersion),
        driver.ProtocolVersion.Major,
        driver.ProtocolVersion.Minor,
        [.. driver.SupportedCapabilities],
        [.. driver.RequiredCapabilities]);

    private static DriverLimits ToLimits(ResourceCapabilities? resources) => new(
        resources?.Cpu?.LimitSupported == true,
        resources?.Memory?.LimitSupported == true,
        resources?.Gpu?.DefaultSelectionSupported == true,
        resources?.Gpu?.CountSelectionSupported == true);

    private static IEnumerable<string> Warnings(GetCapabilitiesResponse driver, string name) => driver.SupportsSandboxAuthentication
        ? [$"{name} authenticates sandboxes (supports_sandbox_authentication); this gateway gives each its token at creation instead, and does not ask"]
        : [];
}
