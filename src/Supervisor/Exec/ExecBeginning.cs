using OpenShell.Protocol.Extensions.V1;
using OpenShell.Supervisor.Processes;

namespace OpenShell.Supervisor.Exec;

/// <summary>What a relay is for. One of the three is set.</summary>
/// <param name="Start">A process is to be started.</param>
/// <param name="Attach">The caller wants to be a client of the main process.</param>
/// <param name="Failure">The frames cannot be used.</param>
internal readonly record struct ExecBeginning(ExecStart? Start, ExecAttach? Attach, LaunchFailure? Failure);
