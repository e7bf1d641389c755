using System.Runtime.InteropServices;
using OpenShell.Linux.Descriptors;

namespace OpenShell.Linux.Security;

/// <summary>Landlock: rulesets of the file system. The C library has no functions for it, so these are system calls.</summary>
public static unsafe partial class Landlock
{
    public const ulong Execute = 1 << 0;
    public const ulong WriteFile = 1 << 1;
    public const ulong ReadFile = 1 << 2;
    public const ulong ReadDirectory = 1 << 3;
    public const ulong Truncate = 1 << 14;

    // All rights of version 1; REFER came with 2, TRUNCATE with 3.
    private const ulong FirstRights = (1 << 13) - 1;
    private const ulong Refer = 1 << 13;

    private const int CallCreateRuleset = 444;
    private const int CallAddRule = 445;
    private const uint AskVersion = 1;
    private const int RulePathBeneath = 1;
    private const int OpenPathOnly = 0x200000;

    /// <summary>The kernel's struct landlock_path_beneath_attr, which is packed.</summary>
    [StructLayout(LayoutKind.Sequential, Pack = 1)]
    private struct PathBeneath
    {
        public ulong Allowed;
        public int Parent;
    }

    /// <summary>Version of what the kernel offers; 0: Landlock is not there, or not switched on.</summary>
    public static int Version()
    {
        var version = CreateRuleset(CallCreateRuleset, null, 0, AskVersion);
        return version < 0 ? 0 : (int)version;
    }

    /// <summary>All rights that a kernel of this version knows, of those that we use.</summary>
    public static ulong Rights(int version) => version switch
    {
        1 => FirstRights,
        2 => FirstRights | Refer,
        _ => FirstRights | Refer | Truncate,
    };

    /// <summary>A ruleset that denies <paramref name="rights"/> everywhere. Invalid, with errno, if it cannot be made.</summary>
    public static FileDescriptor CreateRuleset(ulong rights) =>
        new((int)CreateRuleset(CallCreateRuleset, &rights, sizeof(ulong), 0));

    /// <summary>A path for a rule, without opening what is there.</summary>
    public static FileDescriptor OpenPath(string path) => new(DescriptorIo.Open(path, OpenPathOnly | DescriptorIo.CloseOnExec, 0));

    /// <summary>Allows rights beneath a path. 0 or the errno.</summary>
    public static int Allow(FileDescriptor ruleset, FileDescriptor path, ulong rights)
    {
        var rule = new PathBeneath { Allowed = rights, Parent = path.Number };
        return AddRule(CallAddRule, ruleset, RulePathBeneath, &rule, 0) == 0 ? 0 : Errno.Last;
    }

    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true)]
    private static partial nint CreateRuleset(nint number, ulong* attributes, nuint size, uint flags);

    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true)]
    private static partial nint AddRule(nint number, FileDescriptor ruleset, nint type, PathBeneath* rule, nuint flags);
}
