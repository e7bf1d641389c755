namespace OpenShell.Supervisor.Native;

/// <summary>How a process ended.</summary>
/// <param name="Code">Its own code, when <paramref name="Signal"/> is 0.</param>
/// <param name="Signal">The signal that ended it, else 0.</param>
/// <param name="CoreDumped">Whether it left a core.</param>
internal readonly record struct ExitStatus(int Code, int Signal, bool CoreDumped)
{
    /// <summary>One number as shells give it: the code, or 128 and the signal.</summary>
    public int ShellCode => Signal == 0 ? Code : 128 + Signal;
}
