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
internal sealed record DriverInfo(string Name, string Version, ImmutableArray<string> Warnings);
