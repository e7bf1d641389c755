using System.Text;
using OpenShell.Protocol.Extensions.V1;
using OpenShell.Protocol.Outcomes;

namespace OpenShell.Gateway.Exec;

/// <summary>A command as one line for `bash -lc`, which is how the SSH server of OpenShell's supervisor runs what it is given.</summary>
internal static class SshCommandLine
{
    private const int MaxBytes = 256 * 1024;

    /// <summary>What of a request SSH alone cannot do, by the name of its field; null: nothing.</summary>
    public static string? FindImpossible(ExecRequest request) => request switch
    {
        { Attaches: true } => "attach",
        { WithoutLoginShell: true } => "no_login_shell",
        { Start.User.Length: > 0 } => "user",
        { Start.Subsystem.Length: > 0 } => "subsystem",
        { Start.LoginShell: true } => "login_shell",
        { Start.Detached: true } => "detached",
        { Start.Terminal.Modes.Length: > 0 } => "terminal_modes",
        _ => null,
    };

    /// <summary>The line; arguments and values arrive byte by byte as they are.</summary>
    public static Outcome<string> Of(ExecStart start)
    {
        var line = new StringBuilder();
        if (start.Workdir.Length > 0)
        {
            line.Append("cd ").Append(Quote(start.Workdir)).Append(" && ");
        }

        foreach (var (name, value) in start.Environment.OrderBy(entry => entry.Key, StringComparer.Ordinal))
        {
            line.Append(name).Append('=').Append(Quote(value)).Append(' ');
        }

        line.AppendJoin(' ', start.Argv.Select(Quote));
        var made = line.ToString();
        return Encoding.UTF8.GetByteCount(made) > MaxBytes
            ? new Failure(FailureKind.InvalidArgument, $"command construction failed: assembled command string exceeds {MaxBytes} bytes")
            : made;
    }

    private static string Quote(string text) => text.Length > 0 && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '/' or '-' or '_')
        ? text
        : $"'{text.Replace("'", "'\\''", StringComparison.Ordinal)}'";
}
