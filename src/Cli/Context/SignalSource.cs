using System.Runtime.InteropServices;
using OpenShell.Linux.Processes;
using OpenShell.Linux.Programs;

namespace OpenShell.Cli.Context;

/// <summary>
/// Turns signals into cancellation. The first SIGINT, SIGTERM, SIGHUP or SIGQUIT goes to the handler if there is one,
/// else it cancels the command; the next, or two seconds without an end, ends the process at once
/// (a blocked write to a pipe cannot be cancelled).
/// </summary>
internal sealed class SignalSource : IDisposable
{
    private static readonly TimeSpan GracePeriod = TimeSpan.FromSeconds(2);
    private static readonly PosixSignal[] TerminationSignals = [PosixSignal.SIGINT, PosixSignal.SIGTERM, PosixSignal.SIGHUP, PosixSignal.SIGQUIT];

    private readonly Lock _lock = new();
    private readonly CancellationTokenSource _cancel = new();
    private readonly TimeProvider _time;
    private readonly Action<int> _exit;
    private readonly List<PosixSignalRegistration> _registrations = [];
    private Func<PosixSignal, bool>? _handler;
    private Action? _resized;
    private Action? _continued;
    private ITimer? _deadline;
    private int? _received;

    /// <param name="exit">Ends the process with an exit code; does not return.</param>
    public SignalSource(TimeProvider time, Action<int> exit)
    {
        _time = time;
        _exit = exit;
    }

    /// <summary>Cancelled by the first signal that no handler took.</summary>
    public CancellationToken Token => _cancel.Token;

    /// <summary>128 + the number of the signal that cancelled the command; null when none did.</summary>
    public int? ExitCode => _received is { } number ? ExitCodes.SignalBase + number : null;

    /// <summary>Takes the signals over from the runtime, for the rest of the process.</summary>
    public void Listen()
    {
        foreach (var signal in TerminationSignals)
        {
            _registrations.Add(PosixSignalRegistration.Create(signal, context =>
            {
                context.Cancel = true;
                Raise(signal);
            }));
        }

        _registrations.Add(PosixSignalRegistration.Create(PosixSignal.SIGWINCH, _ => RaiseResized()));
        _registrations.Add(PosixSignalRegistration.Create(PosixSignal.SIGCONT, context =>
        {
            // The runtime would put the terminal back as it was when the process began, and after us.
            context.Cancel = true;
            RaiseContinued();
        }));
    }

    /// <summary>Routes signals to a handler until the result is disposed.</summary>
    /// <param name="handler">Gets the signals that end a process; true if it has handled one.</param>
    /// <param name="resized">The terminal's size has changed.</param>
    /// <param name="continued">The process was stopped and goes on.</param>
    public IDisposable Handle(Func<PosixSignal, bool> handler, Action resized, Action continued)
    {
        lock (_lock)
        {
            _handler = handler;
            _resized = resized;
            _continued = continued;
        }

        return new Handling(this);
    }

    /// <summary>Lets a cancelled command clean up for longer than the grace period; another signal still ends it at once.</summary>
    public void StopDeadline()
    {
        lock (_lock)
        {
            _deadline?.Dispose();
        }
    }

    /// <summary>As if the process had received the signal.</summary>
    public void Raise(PosixSignal signal)
    {
        Func<PosixSignal, bool>? handler;
        bool again;
        lock (_lock)
        {
            handler = _handler;
            again = _received is not null;
        }

        if (again)
        {
            _exit(ExitCodes.SignalBase + Signals.NumberOf(signal));
            return;
        }

        if (handler?.Invoke(signal) is not true)
        {
            Cancel(Signals.NumberOf(signal));
        }
    }

    /// <summary>As if the terminal's size had changed.</summary>
    public void RaiseResized()
    {
        Action? resized;
        lock (_lock)
        {
            resized = _resized;
        }

        resized?.Invoke();
    }

    private void RaiseContinued()
    {
        Action? continued;
        lock (_lock)
        {
            continued = _continued;
        }

        continued?.Invoke();
    }

    public void Dispose()
    {
        foreach (var registration in _registrations)
        {
            registration.Dispose();
        }

        _deadline?.Dispose();
        _cancel.Dispose();
    }

    private void Cancel(int number)
    {
        lock (_lock)
        {
            _received = number;
            _deadline = _time.CreateTimer(_ => _exit(ExitCodes.SignalBase + number), null, GracePeriod, Timeout.InfiniteTimeSpan);
        }

        _cancel.Cancel();
    }

    private sealed class Handling(SignalSource source) : IDisposable
    {
        public void Dispose()
        {
            lock (source._lock)
            {
                source._handler = null;
                source._resized = null;
                source._continued = null;
            }
        }
    }
}
