using Google.Protobuf.WellKnownTypes;
using OpenShell.Protocol.V1;

namespace OpenShell.Cli.Tests.Fakes;

internal static class WatchEvents
{
    public static SandboxStreamEvent Snapshot(string name, SandboxPhase phase, string reason = "", string message = "")
    {
        var sandbox = FakeGateway.NewSandbox(name, phase);
        if (reason.Length > 0)
        {
            sandbox.Status.Conditions.Add(new SandboxCondition { Type = "Ready", Status = "False", Reason = reason, Message = message });
        }

        return new SandboxStreamEvent { Sandbox = sandbox };
    }

    public static SandboxStreamEvent Progress(string reason, string message = "", long timestamp = 1) =>
        new() { Event = new PlatformEvent { Reason = reason, Message = message, Source = "vm", Type = "Normal", EventTime = new Timestamp { Seconds = timestamp } } };

    public static SandboxStreamEvent Exited(string name, int exitCode)
    {
        var exited = Snapshot(name, SandboxPhase.Error, "MainProcessFailed", $"Main process exited with code {exitCode}");
        exited.Sandbox.Status.ExitCode = exitCode;
        return exited;
    }
}
