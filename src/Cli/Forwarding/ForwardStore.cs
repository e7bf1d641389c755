using System.Globalization;
using System.Text.Json;
using OpenShell.Cli.Context;
using OpenShell.Linux.Files;
using OpenShell.Linux.Processes;

namespace OpenShell.Cli.Forwarding;

/// <summary>The forwards of this user that run: <c>forwards/PID.json</c> in the runtime directory.</summary>
internal sealed class ForwardStore(CliEnvironment environment)
{
    private readonly string _directory = Path.Combine(environment.RuntimeDirectory, "forwards");

    /// <summary>The log of a detached forward.</summary>
    public string LogPath(int pid) => Path.Combine(_directory, string.Create(CultureInfo.InvariantCulture, $"{pid}.log"));

    /// <summary>Makes this process known as a forward; it counts until <see cref="Remove"/> or the process's end.</summary>
    public void Add(ForwardRecord record) =>
        PrivateFile.Replace(PathOf(record.Pid), JsonSerializer.Serialize(record, ForwardRecordJson.Default.ForwardRecord) + "\n");

    /// <summary>Forgets a forward.</summary>
    public void Remove(int pid)
    {
        if (Directory.Exists(_directory))
        {
            File.Delete(PathOf(pid));
            File.Delete(LogPath(pid));
        }
    }

    /// <summary>Those that run. What those have left that have ended is removed.</summary>
    public IReadOnlyList<ForwardRecord> List()
    {
        List<ForwardRecord> running = [];
        foreach (var path in Directory.Exists(_directory) ? Directory.GetFiles(_directory, "*.json") : [])
        {
            if (Read(path) is not { } record)
            {
                // Damaged, but its name is the pid: while that process runs, the file stays for the user to find.
                if (int.TryParse(Path.GetFileNameWithoutExtension(path), NumberStyles.None, CultureInfo.InvariantCulture, out var pid)
                    && ProcessStart.Of(pid) is not null)
                {
                    continue;
                }
            }
            else if (ProcessStart.Of(record.Pid) == new ProcessStart(record.Boot, record.StartTicks))
            {
                running.Add(record);
                continue;
            }

            File.Delete(path);
            File.Delete(Path.ChangeExtension(path, ".log"));
        }

        return [.. running.OrderBy(record => record.Sandbox, StringComparer.Ordinal).ThenBy(record => record.Pid)];
    }

    private string PathOf(int pid) => Path.Combine(_directory, string.Create(CultureInfo.InvariantCulture, $"{pid}.json"));

    private static ForwardRecord? Read(string path)
    {
        try
        {
            return PrivateFile.TryRead(path) is { } text ? JsonSerializer.Deserialize(text, ForwardRecordJson.Default.ForwardRecord) : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
