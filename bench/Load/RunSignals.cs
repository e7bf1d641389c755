using System.Runtime.InteropServices;

namespace OpenShell.Load;

/// <summary>
/// TERM and INT: whoever waits is told, and what was started is ended on the way out. Should that take too long, or the
/// signal come again, everything ends here.
/// </summary>
internal sealed class RunSignals : IDisposable
{
    private static readonly TimeSpan WayOut = TimeSpan.FromSeconds(15);

    private readonly PosixSignalRegistration[] _registrations;
    private Timer? _last;

    public RunSignals() => _registrations =
    [
        PosixSignalRegistration.Create(PosixSignal.SIGTERM, context => Take(context, 128 + 15)),
        PosixSignalRegistration.Create(PosixSignal.SIGINT, context => Take(context, 128 + 2)),
    ];

    /// <summary>What the run ends with; null: no signal has come.</summary>
    public int? ExitCode { get; private set; }

    public void Dispose()
    {
        Array.ForEach(_registrations, registration => registration.Dispose());
        _last?.Dispose();
    }

    private static void Leave(int code)
    {
        Children.EndAll();
        Environment.Exit(code);
    }

    private void Take(PosixSignalContext context, int code)
    {
        context.Cancel = true;
        if (ExitCode is not null)
        {
            Leave(code);
        }

        ExitCode = code;
        _last = new Timer(_ => Leave(code), null, WayOut, Timeout.InfiniteTimeSpan);
        _ = Until.StopAsync();
    }
}
