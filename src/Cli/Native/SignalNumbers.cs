using System.Runtime.InteropServices;

namespace OpenShell.Cli.Native;

/// <summary>Linux numbers of the signals that .NET numbers in its own way.</summary>
internal static class SignalNumbers
{
    public static int Of(PosixSignal signal) => signal switch
    {
        PosixSignal.SIGHUP => 1,
        PosixSignal.SIGINT => 2,
        PosixSignal.SIGQUIT => 3,
        PosixSignal.SIGTERM => 15,
        _ => (int)signal,
    };
}
