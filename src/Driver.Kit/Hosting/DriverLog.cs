using Microsoft.Extensions.Logging;

namespace OpenShell.Driver.Kit.Hosting;

/// <summary>Log messages about a driver's process.</summary>
internal sealed partial class DriverLog(ILogger<DriverLog> logger)
{
    [LoggerMessage(1, LogLevel.Information, "Serving on {Socket}, {Count} sandboxes known", EventName = "DriverReady")]
    public partial void Ready(string socket, int count);

    [LoggerMessage(2, LogLevel.Warning, "A connection from another user's process was refused", EventName = "PeerRefused")]
    public partial void PeerRefused();

    [LoggerMessage(3, LogLevel.Information, "Standard input has ended; ending too, machines go on", EventName = "LifelineEnded")]
    public partial void LifelineEnded();
}
