using System.Runtime.InteropServices;

namespace OpenShell.Supervisor.Native;

/// <summary>What the C part is told and answers; mirrors native/spawn.h, where each field is explained.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct SpawnRequest
{
    public byte** Candidates;
    public byte** Argv;
    public byte** Envp;
    public byte* WorkingDirectory;
    public uint* Groups;
    public ResourceLimit* ResourceLimits;
    public SeccompInstruction* SeccompFilter;
    public int StandardInput;
    public int StandardOutput;
    public int StandardError;
    public int ControllingTerminal;
    public int ChangeIdentity;
    public uint Uid;
    public uint Gid;
    public int GroupCount;
    public int ResourceLimitCount;
    public int Umask;
    public int NoNewPrivileges;
    public int WorkingDirectoryOptional;
    public int LandlockRuleset;
    public int SeccompLength;
    public SpawnStep FailedStep;
    public int Error;
}

/// <summary>One limit of a process; mirrors native/spawn.h.</summary>
[StructLayout(LayoutKind.Sequential)]
internal readonly struct ResourceLimit(int resource, ulong soft, ulong hard)
{
    public readonly ulong Soft = soft;
    public readonly ulong Hard = hard;
    public readonly int Resource = resource;
    public readonly int Reserved = 0;
}

/// <summary>One instruction of classic BPF: the kernel's struct sock_filter.</summary>
[StructLayout(LayoutKind.Sequential)]
internal readonly record struct SeccompInstruction(ushort Code, byte JumpTrue, byte JumpFalse, uint Operand);

/// <summary>Where starting a process failed; mirrors native/spawn.h.</summary>
internal enum SpawnStep
{
    None = 0,
    Clone = 1,
    Session = 2,
    Terminal = 3,
    Descriptors = 4,
    Limits = 5,
    Identity = 6,
    WorkingDirectory = 7,
    Execute = 8,
    Policy = 9,
}
