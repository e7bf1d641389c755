using System.Runtime.InteropServices;
using OpenShell.Linux.Descriptors;

namespace OpenShell.Supervisor.Native;

/// <summary>The C part of the supervisor (native/).</summary>
internal static unsafe partial class NativeSpawn
{
    [LibraryImport("openshell_spawn", EntryPoint = "openshell_spawn")]
    public static partial int Spawn(SpawnRequest* request);

    [LibraryImport("openshell_spawn", EntryPoint = "openshell_watch_stop_signals")]
    public static partial int WatchStopSignals(int eventDescriptor);

    /// <summary>Listens on 127.0.0.1 in another process's network namespace. Returns a descriptor or the negated errno.</summary>
    [LibraryImport("openshell_spawn", EntryPoint = "openshell_listen_in")]
    public static partial int ListenIn(FileDescriptor process, ushort port, int bufferBytes);
}
