using System.Text;
using OpenShell.Linux;
using OpenShell.Linux.Machine;

namespace OpenShell.Supervisor.Boot;

/// <summary>The name of the guest, and the files that programs look names up in.</summary>
internal static class HostIdentity
{
    /// <summary>Sets the host name and writes what the image lacks; what is there already stays.</summary>
    public static unsafe void Apply(string name)
    {
        var bytes = Encoding.UTF8.GetBytes(name);
        fixed (byte* start = bytes)
        {
            if (SystemControl.SetHostName(start, (nuint)bytes.Length) != 0)
            {
                throw new BootException("host name", Errno.Text(Errno.Last));
            }
        }

        try
        {
            Directory.CreateDirectory("/etc");
            File.WriteAllText("/etc/hostname", name + "\n");
            WriteHosts(name);
            WriteResolver();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new BootException("/etc", e.Message);
        }
    }

    private static void WriteHosts(string name)
    {
        const string path = "/etc/hosts";
        var entry = $"127.0.1.1\t{name}";
        var lines = File.Exists(path) ? File.ReadAllLines(path) : [];
        if (lines.Contains(entry))
        {
            return;
        }

        var kept = lines.Where(line => !line.StartsWith("127.0.1.1\t", StringComparison.Ordinal)).ToList();
        if (!kept.Exists(line => line.StartsWith("127.0.0.1", StringComparison.Ordinal)))
        {
            kept.InsertRange(0, ["127.0.0.1\tlocalhost", "::1\tlocalhost ip6-localhost ip6-loopback"]);
        }

        kept.Add(entry);
        File.WriteAllLines(path, kept);
    }

    // A link of some resolver that does not run here would make every lookup wait.
    private static void WriteResolver()
    {
        const string path = "/etc/resolv.conf";
        if (File.Exists(path))
        {
            return;
        }

        File.Delete(path);
        File.WriteAllText(path, "# This sandbox has no name server.\n");
    }
}
