using OpenShell.Ssh.Abstractions;
using OpenShell.Ssh.Loop;

namespace OpenShell.Ssh.Connections;

/// <summary>What the connections of one server share.</summary>
/// <param name="Tasks">Those that the server waits for before it ends.</param>
internal sealed record ServerContext(SshServerOptions Options, TimeProvider Time, SshLoop Loop, TaskTracker Tasks);
