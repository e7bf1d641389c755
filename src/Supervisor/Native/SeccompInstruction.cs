using System.Runtime.InteropServices;

namespace OpenShell.Supervisor.Native;

/// <summary>One instruction of classic BPF: the kernel's struct sock_filter.</summary>
[StructLayout(LayoutKind.Sequential)]
internal readonly record struct SeccompInstruction(ushort Code, byte JumpTrue, byte JumpFalse, uint Operand);
