using System.Collections.Immutable;
using OpenShell.Gateway.Readiness;

namespace OpenShell.Gateway.Compute;

/// <summary>A machine that the driver has.</summary>
/// <param name="Id">Of its sandbox.</param>
/// <param name="Workspace">Empty: the driver does not know it.</param>
/// <param name="Spec">What the driver still knows of the caller's SandboxSpec, as one.</param>
internal sealed record DriverMachine(
    string Id, string Name, string Workspace, ImmutableDictionary<string, string> Labels, ReadOnlyMemory<byte> Spec, DriverStatus Status);

/// <summary>What the driver says about itself.</summary>
/// <param name="Implementation">Who made it, and what it can beyond the contract.</param>
/// <param name="Limits">What a sandbox can be limited to.</param>
internal sealed record DriverInfo(
    string Name, string Version, ImmutableArray<string> Warnings, DriverImplementation Implementation, DriverLimits Limits);

/// <summary>How a driver introduces itself.</summary>
internal sealed record DriverImplementation(
    string Name, string Version, uint ProtocolMajor, uint ProtocolMinor, ImmutableArray<string> Supported, ImmutableArray<string> Required);

/// <summary>Which resources of a sandbox a driver can limit or give.</summary>
internal sealed record DriverLimits(bool Cpu, bool Memory, bool GpuBySelection, bool GpuByCount);
