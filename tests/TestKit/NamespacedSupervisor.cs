using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Google.Protobuf;
using OpenShell.Protocol.Compute.V1;
using OpenShell.Protocol.Extensions.V1;

namespace OpenShell.TestKit;

/// <summary>One supervisor as PID 1 of a PID namespace; killing it ends everything in the namespace.</summary>
public sealed partial class NamespacedSupervisor(DriverSandbox sandbox, string directory, string endpoint, string? networkNamespace = null) : IDisposable
{
    private readonly Lock _lock = new();
    private readonly StringBuilder _console = new();
    private DriverCondition _ready = Condition("Ready", "False", "Starting", "starting");
    private Process? _process;
    private bool _stopped;

    /// <summary>What the supervisor has written.</summary>
    public string Console
    {
        get
        {
            lock (_lock)
            {
                return _console.ToString();
            }
        }
    }

    /// <summary>The supervisor's pid on the host: the child of unshare.</summary>
    public int SupervisorPid
    {
        get
        {
            var children = File.ReadAllText($"/proc/{_process!.Id}/task/{_process.Id}/children");
            return int.Parse(children.Split(' ', StringSplitOptions.RemoveEmptyEntries)[0], CultureInfo.InvariantCulture);
        }
    }

    /// <summary>
    /// Processes of the sandbox that the supervisor has started or taken over, and not yet reaped; without the shell that a
    /// sandbox without a command has as its main process.
    /// </summary>
    public IReadOnlyList<int> Children
    {
        get
        {
            var shell = sandbox.Spec.Command.Count == 0 && MainProcess().Match(Console) is { Success: true } started ? started.Groups[1].Value : null;
            return [.. Directory.GetDirectories($"/proc/{SupervisorPid}/task").SelectMany(ChildrenOf).Where(pid => shell is null || PidInside(pid) != shell)];

            static IEnumerable<int> ChildrenOf(string thread)
            {
                try
                {
                    return [.. File.ReadAllText(Path.Combine(thread, "children")).Split(' ', StringSplitOptions.RemoveEmptyEntries)
                        .Select(pid => int.Parse(pid, CultureInfo.InvariantCulture))];
                }
                catch (IOException)
                {
                    // The thread has ended; what was its is another's by now.
                    return [];
                }
            }
        }
    }

    /// <summary>Waits until none of <see cref="Children"/> is left.</summary>
    public Task BecomesIdleAsync() => Eventually.BecomesTrueAsync(
        () => Children.Count == 0, "no process is left in the sandbox but its supervisor");

    /// <summary>Sends the supervisor a signal by name.</summary>
    public void Signal(string name)
    {
        using var kill = Process.Start("kill", [$"-{name}", SupervisorPid.ToString(CultureInfo.InvariantCulture)]);
        kill.WaitForExit();
    }

    /// <summary>The token of its newest boot.</summary>
    public string Token { get; private set; } = "";

    /// <summary>Starts a supervisor with this token.</summary>
    public void Start(string token)
    {
        var isFirst = _process is null;
        Token = token;
        var config = new GuestConfig
        {
            SandboxId = sandbox.Id,
            SandboxName = sandbox.Name,
            SandboxToken = token,
            Endpoint = endpoint,
            InstanceId = Guid.NewGuid().ToString(),
            Tty = sandbox.Spec.Tty,
            LogLevel = "debug",
            Command = { sandbox.Spec.Command },
            Environment = { sandbox.Spec.Environment },
            Policy = sandbox.Spec.Policy,
            // The creator attaches to the first boot only.
            AwaitMainProcessAttachment = isFirst && sandbox.Spec.AwaitMainProcessAttachment,
        };
        var path = Path.Combine(directory, $"{sandbox.Id}.config");
        using (var file = new FileStream(path, new FileStreamOptions
        {
            Mode = FileMode.Create,
            Access = FileAccess.Write,
            UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
        }))
        {
            config.WriteTo(file);
        }

        _process = new Process
        {
            StartInfo = new ProcessStartInfo(
                networkNamespace is null ? "unshare" : "nsenter",
                [
                    .. networkNamespace is null ? [] : (string[])[$"--net=/run/netns/{networkNamespace}", "unshare"],
                    .. OwnNamespace.Arguments(TestPaths.Program("openshell-supervisor"), "run", "--config", path),
                ])
            {
                RedirectStandardError = true,
                RedirectStandardInput = true,
                // Short: there is a limit on the paths of sockets.
                Environment = { ["OPENSHELL_SSH_SOCKET_PATH"] = Path.Combine(directory, $"ssh-{sandbox.Id[..8]}", "ssh.sock") },
            },
        };
        _process.ErrorDataReceived += (_, line) =>
        {
            lock (_lock)
            {
                _console.AppendLine(line.Data);
            }
        };
        _process.Start();
        _process.StandardInput.Close();
        _process.BeginErrorReadLine();
        _stopped = false;
        SetCondition("Ready", "False", "Starting", "VM is running; waiting for its supervisor");
    }

    /// <summary>Ends the supervisor in order.</summary>
    public void Stop()
    {
        Kill();
        _stopped = true;
    }

    /// <summary>Whether there is a supervisor.</summary>
    public bool IsRunning => _process is { HasExited: false };

    /// <summary>As kill -9 of the supervisor.</summary>
    public void Kill()
    {
        if (_process is { HasExited: false } process)
        {
            // Not unshare alone: right after it has forked, its child does not end with it yet, and keeps what is waited for here.
            process.Kill(entireProcessTree: true);
            process.WaitForExit();
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Kill();
        _process?.Dispose();
    }

    /// <summary>Sets what the driver says of it.</summary>
    public void SetCondition(string type, string status, string reason, string message) =>
        _ready = Condition(type, status, reason, message);

    /// <summary>As the driver reports it.</summary>
    public DriverSandbox ToMessage()
    {
        var status = new DriverSandboxStatus { Name = sandbox.Name, Conditions = { _ready } };
        if (_stopped)
        {
            status.Conditions.Add(Condition("Suspended", "True", "ComputeStopped", "stopped"));
        }

        return new DriverSandbox { Id = sandbox.Id, Name = sandbox.Name, Workspace = sandbox.Workspace, Status = status };
    }

    // Its last number is that of the innermost namespace.
    private static string? PidInside(int pid)
    {
        try
        {
            var line = File.ReadLines($"/proc/{pid}/status").FirstOrDefault(l => l.StartsWith("NSpid:", StringComparison.Ordinal));
            return line?.Split('\t', StringSplitOptions.RemoveEmptyEntries)[^1];
        }
        catch (IOException)
        {
            return null;
        }
    }

    [GeneratedRegex(@"main process started, pid (\d+)(?!.*main process started)", RegexOptions.Singleline)]
    private static partial Regex MainProcess();

    private static DriverCondition Condition(string type, string status, string reason, string message) =>
        new() { Type = type, Status = status, Reason = reason, Message = message };
}
