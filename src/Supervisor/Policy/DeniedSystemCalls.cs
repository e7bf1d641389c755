using System.Runtime.InteropServices;

namespace OpenShell.Supervisor.Policy;

/// <summary>
/// What a process under a policy may not ask of the kernel, as container runtimes have it by default: mounts, namespaces,
/// the kernel's modules, keys, clocks, swap and tracing of itself, io_uring, and old calls that nobody needs. Debugging
/// (ptrace) is allowed, as there: Landlock keeps a process from what is outside its own rules.
/// </summary>
/// <param name="Architecture">AUDIT_ARCH_… of the machine.</param>
internal sealed record DeniedSystemCalls(uint Architecture, uint CloneCall, uint Clone3Call, IReadOnlyList<uint> Numbers)
{
    // These have one number everywhere: io_uring_setup, io_uring_enter, io_uring_register, open_tree, move_mount, fsopen,
    // fsconfig, fsmount, fspick, mount_setattr, quotactl_fd.
    private static readonly uint[] Common = [425, 426, 427, 428, 429, 430, 431, 432, 433, 442, 443];

    private static readonly DeniedSystemCalls X64 = new(0xC000003E, 56, 435,
    [
        .. Common,
        165, 166, 155, // mount, umount2, pivot_root
        272, 308, // unshare, setns
        175, 313, 176, 174, 177, 178, // init_module, finit_module, delete_module, create_module, get_kernel_syms, query_module
        246, 320, 169, // kexec_load, kexec_file_load, reboot
        248, 249, 250, // add_key, request_key, keyctl
        321, 298, 323, 300, // bpf, perf_event_open, userfaultfd, fanotify_init
        167, 168, 179, 163, // swapon, swapoff, quotactl, acct
        164, 227, 305, 159, // settimeofday, clock_settime, clock_adjtime, adjtimex
        170, 171, // sethostname, setdomainname
        172, 173, // iopl, ioperm
        103, 304, 212, 153, // syslog, open_by_handle_at, lookup_dcookie, vhangup
        134, 136, 139, 156, 180, // uselib, ustat, sysfs, _sysctl, nfsservctl
    ]);

    private static readonly DeniedSystemCalls Arm64 = new(0xC00000B7, 220, 435,
    [
        .. Common,
        40, 39, 41, // mount, umount2, pivot_root
        97, 268, // unshare, setns
        105, 273, 106, // init_module, finit_module, delete_module
        104, 294, 142, // kexec_load, kexec_file_load, reboot
        217, 218, 219, // add_key, request_key, keyctl
        280, 241, 282, 262, // bpf, perf_event_open, userfaultfd, fanotify_init
        224, 225, 60, 89, // swapon, swapoff, quotactl, acct
        170, 112, 266, 171, // settimeofday, clock_settime, clock_adjtime, adjtimex
        161, 162, // sethostname, setdomainname
        116, 265, 18, 58, // syslog, open_by_handle_at, lookup_dcookie, vhangup
    ]);

    /// <exception cref="NotSupportedException">We do not know its numbers.</exception>
    public static DeniedSystemCalls Of(Architecture architecture) => architecture switch
    {
        System.Runtime.InteropServices.Architecture.X64 => X64,
        System.Runtime.InteropServices.Architecture.Arm64 => Arm64,
        _ => throw new NotSupportedException($"There is no list of system calls for {architecture}."),
    };
}
