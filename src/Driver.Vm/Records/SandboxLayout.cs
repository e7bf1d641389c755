using OpenShell.Linux.Files;

namespace OpenShell.Driver.Vm.Records;

/// <summary>The paths of one sandbox.</summary>
/// <param name="Directory">What is kept until the sandbox is deleted.</param>
/// <param name="RunDirectory">What is kept while its machine runs.</param>
internal sealed record SandboxLayout(string Directory, string RunDirectory)
{
    public string RecordPath => Path.Combine(Directory, "record.json");

    public string OverlayPath => Path.Combine(Directory, "overlay.ext4");

    /// <summary>
    /// Whether there is nothing in the directory that anybody could want: what a driver leaves that dies before it has
    /// written the record of a new sandbox.
    /// </summary>
    public bool HoldsNothing => System.IO.Directory.EnumerateFileSystemEntries(Directory).All(entry => entry == DurableFile.TemporaryOf(RecordPath));

    /// <summary>Console of the last boot.</summary>
    public string ConsolePath => Path.Combine(Directory, "console.log");

    public string MonitorSocketPath => Path.Combine(RunDirectory, "qmp");

    public string ControlSocketPath => Path.Combine(RunDirectory, "ctl");

    /// <summary>Where QEMU brings the console; its helper listens.</summary>
    public string ConsoleSocketPath => Path.Combine(RunDirectory, "con");

    /// <summary>Where the helper listens for drivers.</summary>
    public string HelperSocketPath => Path.Combine(RunDirectory, "hlp");

    public string PidFilePath => Path.Combine(RunDirectory, "pid");

    /// <summary>Holds the sandbox's token; exists only while QEMU starts.</summary>
    public string GuestConfigPath => Path.Combine(RunDirectory, "config");

    /// <summary>Makes both directories, closed to other users.</summary>
    public void Create()
    {
        System.IO.Directory.CreateDirectory(Directory, PrivateFile.DirectoryMode);
        System.IO.Directory.CreateDirectory(RunDirectory, PrivateFile.DirectoryMode);
    }

    /// <summary>Removes what a machine that no longer runs has left.</summary>
    public void RemoveRunDirectory() => Remove(RunDirectory);

    /// <summary>
    /// Removes everything, the record last: if this is interrupted, the next driver still reads there that it was wanted.
    /// </summary>
    public void RemoveAll()
    {
        Remove(RunDirectory);
        if (System.IO.Directory.Exists(Directory))
        {
            foreach (var entry in new DirectoryInfo(Directory).EnumerateFileSystemInfos().Where(entry => entry.FullName != RecordPath))
            {
                Remove(entry);
            }
        }

        Remove(Directory);
    }

    private static void Remove(FileSystemInfo entry)
    {
        if (entry is DirectoryInfo { LinkTarget: null } directory)
        {
            directory.Delete(recursive: true);
        }
        else
        {
            entry.Delete();
        }
    }

    private static void Remove(string directory)
    {
        if (System.IO.Directory.Exists(directory))
        {
            System.IO.Directory.Delete(directory, recursive: true);
        }
    }
}
