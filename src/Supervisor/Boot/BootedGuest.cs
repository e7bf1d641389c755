using OpenShell.Linux.Descriptors;
using OpenShell.Protocol.Extensions.V1;

namespace OpenShell.Supervisor.Boot;

/// <summary>What a boot leaves.</summary>
/// <param name="Config">Identity and configuration.</param>
/// <param name="WritableLayer">The root directory of the writable layer; null without an image.</param>
internal sealed record BootedGuest(GuestConfig Config, FileDescriptor? WritableLayer);
