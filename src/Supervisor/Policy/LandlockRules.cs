using OpenShell.Linux;
using OpenShell.Linux.Descriptors;
using OpenShell.Linux.Security;
using OpenShell.Protocol.Sandbox.V1;
using OpenShell.Supervisor.Files;

namespace OpenShell.Supervisor.Policy;

/// <summary>The file system part of a policy as a Landlock ruleset.</summary>
internal static class LandlockRules
{
    private const ulong ReadOnly = Landlock.Execute | Landlock.ReadFile | Landlock.ReadDirectory;

    // A rule on something that is no directory may only have these.
    private const ulong OfFiles = Landlock.Execute | Landlock.ReadFile | Landlock.WriteFile | Landlock.Truncate;

    // What programs need whatever they are: their libraries, names of users and hosts, certificates, themselves.
    private static readonly string[] BaselineReadOnly =
        ["/usr", "/bin", "/sbin", "/lib", "/lib64", "/etc", "/app", "/var/log", "/proc", "/dev/urandom"];

    private static readonly string[] BaselineReadWrite = ["/tmp", "/dev/null"];

    /// <summary>Makes a ruleset that allows the paths, those that every program needs, and nothing else. Made for each process: paths come and go.</summary>
    /// <param name="workingDirectory">To be writable too; null: not.</param>
    /// <param name="skip">Whether to go on without a path that cannot be had.</param>
    /// <returns>The ruleset, or what is in the way.</returns>
    public static (FileDescriptor? Ruleset, string? Problem) Create(FilesystemPolicy paths, string? workingDirectory, Func<string, bool> skip)
    {
        var version = Landlock.Version();
        if (version == 0)
        {
            return (null, "this kernel has no Landlock, so the paths of the policy are not enforced");
        }

        var all = Landlock.Rights(version);
        var ruleset = Landlock.CreateRuleset(all);
        if (ruleset.IsInvalid)
        {
            return (null, $"no Landlock ruleset can be made: {Errno.Text(Errno.Last)}");
        }

        var rules = paths.ReadOnly.Select(path => (path, ReadOnly))
            .Concat(paths.ReadWrite.Select(path => (path, all)))
            .Concat(workingDirectory is null ? [] : [(workingDirectory, all)])
            .Concat(Baseline(paths, BaselineReadOnly).Select(path => (path, ReadOnly)))
            .Concat(Baseline(paths, BaselineReadWrite).Select(path => (path, all)))
            // Ours, and there for every process that a user of sftp starts; it holds no data.
            .Concat(Directory.Exists(SftpProgram.Directory) ? [(SftpProgram.Directory, ReadOnly)] : [])
            // So is this, for those who copy.
            .Append((FilesCommand.Program, ReadOnly));
        foreach (var (path, rights) in rules)
        {
            if (Allow(ruleset, path, rights & all) is { } problem && !skip(problem))
            {
                ruleset.Dispose();
                return (null, problem);
            }
        }

        return (ruleset, null);
    }

    // What the policy says itself stays as it says; what is not there needs no rule.
    private static IEnumerable<string> Baseline(FilesystemPolicy paths, string[] baseline) => baseline.Where(path =>
        Path.Exists(path) && !paths.ReadOnly.Concat(paths.ReadWrite).Any(listed => Path.TrimEndingDirectorySeparator(listed) == path));

    private static string? Allow(FileDescriptor ruleset, string path, ulong rights)
    {
        using var handle = Landlock.OpenPath(path);
        var error = handle.IsInvalid
            ? Errno.Last
            : Landlock.Allow(ruleset, handle, Directory.Exists(path) ? rights : rights & OfFiles);
        return error == 0 ? null : $"{path}: {Errno.Text(error)}";
    }
}
