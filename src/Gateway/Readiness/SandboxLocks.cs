using OpenShell.Gateway.Concurrency;

namespace OpenShell.Gateway.Readiness;

/// <summary>The lock of each sandbox: whoever decides about a sandbox and then acts on it holds it.</summary>
internal sealed class SandboxLocks() : KeyedSemaphore(holders: 1);
