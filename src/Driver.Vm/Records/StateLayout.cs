using System.Security.Cryptography;
using System.Text;
using OpenShell.Linux.Files;

namespace OpenShell.Driver.Vm.Records;

/// <summary>Where things are in the state directory.</summary>
/// <param name="Root">The state directory, absolute.</param>
internal sealed record StateLayout(string Root)
{
    // sockaddr_un holds 108 bytes, the last of them a zero.
    private const int MaxSocketPathLength = 107;


    public string SandboxesDirectory => Path.Combine(Root, "sandboxes");

    /// <summary>Sockets and whatever else lives no longer than a machine.</summary>
    public string RunDirectory => Path.Combine(Root, "run");

    public string KernelDirectory => Path.Combine(Root, "kernel");

    public string InitramfsDirectory => Path.Combine(Root, "initramfs");

    public string AccelerationPath => Path.Combine(Root, "acceleration.json");

    public string LockPath => Path.Combine(Root, "driver.lock");

    /// <summary>The paths of one sandbox.</summary>
    public SandboxLayout Sandbox(string id) => new(
        Path.Combine(SandboxesDirectory, id),
        // Ids may be long, socket paths may not.
        Path.Combine(RunDirectory, Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(id)).AsSpan(0, 8))));

    /// <summary>What is wrong with the state directory, for people; null if nothing is.</summary>
    public string? FindProblem()
    {
        var length = Encoding.UTF8.GetByteCount(Sandbox("any").ControlSocketPath);
        return length <= MaxSocketPathLength
            ? null
            : $"the state directory '{Root}' is too deep: the sockets in it would have paths of {length} bytes, "
                + $"{MaxSocketPathLength} are possible; choose a shorter --state-dir";
    }

    /// <summary>Makes the directories, closed to other users.</summary>
    /// <exception cref="IOException">One cannot be made or used; the message names it.</exception>
    public void Create()
    {
        foreach (var directory in (string[])[Root, SandboxesDirectory, RunDirectory, KernelDirectory, InitramfsDirectory])
        {
            try
            {
                Directory.CreateDirectory(directory, PrivateFile.DirectoryMode);
                File.SetUnixFileMode(directory, PrivateFile.DirectoryMode);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                throw new IOException(
                    $"cannot use the directory {directory} ({e.Message.TrimEnd('.')}); move what is there away, or give another --state-dir", e);
            }
        }
    }
}
