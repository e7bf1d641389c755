using System.Runtime.InteropServices;

namespace OpenShell.Supervisor.Native;

/// <summary>One limit of a process; mirrors native/spawn.h.</summary>
[StructLayout(LayoutKind.Sequential)]
internal readonly struct ResourceLimit(int resource, ulong soft, ulong hard)
{
    public const int Stack = 3;
    public const int Core = 4;
    public const int OpenFiles = 7;
    public const ulong Unlimited = ulong.MaxValue;

    public readonly ulong Soft = soft;
    public readonly ulong Hard = hard;
    public readonly int Resource = resource;
    public readonly int Reserved = 0;
}
