using OpenShell.Protocol.Outcomes;

namespace OpenShell.Driver.Vm.Records;

/// <summary>What several requests are told of an id.</summary>
internal static class SandboxFailures
{
    public static Failure NotFound(string id) => new(FailureKind.NotFound, $"sandbox '{id}' does not exist");

    public static Failure Exists(string id) => new(FailureKind.AlreadyExists, $"sandbox '{id}' exists already");
}
