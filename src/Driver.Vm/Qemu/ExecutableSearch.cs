using OpenShell.Linux.Processes;

namespace OpenShell.Driver.Vm.Qemu;

/// <summary>Looks for programs as a shell does.</summary>
internal static class ExecutableSearch
{
    // A user's PATH often lacks the directories of administration tools such as mke2fs.
    private static readonly string[] AdministrationDirectories = ["/usr/local/sbin", "/usr/sbin", "/sbin"];

    /// <summary>The first executable file of that name in the directories of PATH, then in the sbin directories.</summary>
    public static string? Find(string program, string? searchPath) =>
        CurrentProcess.FindProgram(program, (searchPath ?? "").Split(':', StringSplitOptions.RemoveEmptyEntries).Concat(AdministrationDirectories));
}
