using System.Text.RegularExpressions;
using Google.Protobuf;
using OpenShell.Protocol.Extensions.V1;
using OpenShell.Ssh.Native;

namespace OpenShell.Ssh.Channels;

/// <summary>What a client asks for before it starts something on a session channel: a terminal, variables.</summary>
internal sealed partial class SessionRequest
{
    private const int MostVariables = 32;
    private const int LongestValue = 4096;
    private const int LongestTerm = 256;

    // Who the user is and where programs are is not the client's to say.
    private static readonly string[] Reserved = ["HOME", "USER", "LOGNAME", "SHELL", "PATH"];

    private readonly Dictionary<string, string> _environment = new(StringComparer.Ordinal);
    private ExecTerminal? _terminal;

    /// <summary>Takes a terminal. False: the client's wishes cannot be met.</summary>
    public unsafe bool TryTakeTerminal(nint message)
    {
        var term = LibSshMessages.Text(LibSshMessages.PtyTerm(message)) ?? "";
        if (_terminal is not null || term.Length > LongestTerm || term.Any(c => c is <= ' ' or > '~'))
        {
            return false;
        }

        _terminal = new ExecTerminal
        {
            Cols = (uint)LibSshMessages.PtyWidth(message),
            Rows = (uint)LibSshMessages.PtyHeight(message),
            Term = term,
            Modes = ByteString.CopyFrom(MessageLayout.TerminalModes(message)),
        };
        return true;
    }

    /// <summary>Takes a variable. False: the server's own, too long, too many, or no variable.</summary>
    public unsafe bool TryTakeVariable(nint message)
    {
        var name = LibSshMessages.Text(LibSshMessages.EnvName(message));
        var value = LibSshMessages.Text(LibSshMessages.EnvValue(message));
        if (name is null || value is null || value.Length > LongestValue || !NamePattern().IsMatch(name)
            || Reserved.Contains(name, StringComparer.Ordinal) || name.StartsWith("OPENSHELL_", StringComparison.Ordinal)
            || (_environment.Count >= MostVariables && !_environment.ContainsKey(name)))
        {
            return false;
        }

        _environment[name] = value;
        return true;
    }

    /// <summary>A later size of the terminal that was asked for.</summary>
    public void Resize(uint columns, uint rows)
    {
        if (_terminal is { } terminal)
        {
            terminal.Cols = columns;
            terminal.Rows = rows;
        }
    }

    /// <summary>A login shell.</summary>
    public ExecStart ToShell() => Complete(new ExecStart { LoginShell = true });

    /// <summary>A command, which the shell alone reads.</summary>
    public ExecStart ToCommand(string command) => Complete(new ExecStart { Argv = { "/bin/sh", "-c", command } });

    /// <summary>Something that is known already; it gets no terminal unless it says that it takes one.</summary>
    public ExecStart ToSubsystem(ExecStart start)
    {
        if (start.Terminal is null)
        {
            _terminal = null;
        }

        return Complete(start);
    }

    private ExecStart Complete(ExecStart start)
    {
        start.Terminal = _terminal;
        start.Environment.Add(_environment);
        return start;
    }

    [GeneratedRegex("^[A-Za-z_][A-Za-z0-9_]{0,255}$")]
    private static partial Regex NamePattern();
}
