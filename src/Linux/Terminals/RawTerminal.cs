using System.Runtime.InteropServices;

namespace OpenShell.Linux.Terminals;

/// <summary>
/// A terminal in raw mode until it is disposed. Disposing more than once, and from any thread, is fine: the end of
/// the command, a fatal signal and the end of the process may all come to it.
/// </summary>
public sealed class RawTerminal : IDisposable
{
    private readonly Lock _lock = new();
    private readonly SafeHandle _terminal;
    private byte[]? _saved;

    private RawTerminal(SafeHandle terminal, byte[] saved)
    {
        _terminal = terminal;
        _saved = saved;
        AppDomain.CurrentDomain.ProcessExit += OnProcessExit;
    }

    /// <summary>Switches to raw mode; null when the descriptor is no terminal or refuses.</summary>
    public static RawTerminal? Enter(SafeHandle terminal)
    {
        var saved = Terminal.GetAttributes(terminal);
        return saved is not null && Terminal.MakeRaw(terminal, saved) ? new RawTerminal(terminal, saved) : null;
    }

    /// <summary>Switches to raw mode again, after a shell that stopped this process has used the terminal.</summary>
    public void Reenter()
    {
        lock (_lock)
        {
            if (_saved is { } saved)
            {
                Terminal.MakeRaw(_terminal, saved);
            }
        }
    }

    public void Dispose()
    {
        lock (_lock)
        {
            if (_saved is { } saved)
            {
                _saved = null;
                Terminal.Restore(_terminal, saved);
                AppDomain.CurrentDomain.ProcessExit -= OnProcessExit;
            }
        }
    }

    private void OnProcessExit(object? sender, EventArgs e) => Dispose();
}
