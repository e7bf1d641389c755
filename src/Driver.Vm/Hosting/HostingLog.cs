using Microsoft.Extensions.Logging;

namespace OpenShell.Driver.Vm.Hosting;

/// <summary>Log messages about the process.</summary>
internal sealed partial class HostingLog(ILogger<HostingLog> logger)
{
    [LoggerMessage(EventName = "DriverReady", Level = LogLevel.Information, Message = "Serving on {Socket}, {Count} sandboxes known")]
    public partial void Ready(string socket, int count);

    [LoggerMessage(EventName = "PeerRefused", Level = LogLevel.Warning, Message = "A connection from another user's process was refused")]
    public partial void PeerRefused();

    [LoggerMessage(EventName = "LifelineEnded", Level = LogLevel.Information, Message = "Standard input has ended; ending too, machines go on")]
    public partial void LifelineEnded();
}
