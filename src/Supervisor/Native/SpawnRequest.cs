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
