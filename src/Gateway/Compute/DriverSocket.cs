namespace OpenShell.Gateway.Compute;

/// <summary>The Unix socket of the compute driver.</summary>
internal sealed record DriverSocket(string Path);
