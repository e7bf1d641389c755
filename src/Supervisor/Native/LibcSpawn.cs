using System.Runtime.InteropServices;

namespace OpenShell.Supervisor.Native;

/// <summary>The C part of the supervisor (native/).</summary>
internal static unsafe partial class LibcSpawn
{
    [LibraryImport("openshell_spawn", EntryPoint = "openshell_spawn")]
    public static partial int Spawn(SpawnRequest* request);

    [LibraryImport("openshell_spawn", EntryPoint = "openshell_watch_stop_signals")]
    public static partial int WatchStopSignals(int eventDescriptor);
}
