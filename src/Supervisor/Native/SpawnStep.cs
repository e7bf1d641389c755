namespace OpenShell.Supervisor.Native;

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
