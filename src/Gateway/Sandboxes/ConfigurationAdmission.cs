using System.Text.Json.Serialization;
using OpenShell.Protocol.Untrusted;

namespace OpenShell.Gateway.Sandboxes;

/// <summary>What a supervisor makes of its sandbox's configuration. Numbers as on the wire.</summary>
internal enum AdmissionState
{
    Unspecified = 0,

    /// <summary>It is about to look at it.</summary>
    Pending = 1,

    /// <summary>It is in force.</summary>
    Accepted = 2,

    /// <summary>It cannot be, and nothing runs under it.</summary>
    Rejected = 3,
}

/// <summary>Which configuration is meant.</summary>
/// <param name="PolicyVersion">0: the sandbox has no policy.</param>
/// <param name="PolicyHash">Empty: the sandbox has no policy.</param>
internal sealed record ConfigurationRevision(uint PolicyVersion, string PolicyHash, ulong ConfigRevision, ulong ProviderEnvironmentRevision);

/// <summary>What a supervisor said last about its sandbox's configuration.</summary>
/// <param name="InstanceId">The supervisor; one at a time is registered.</param>
/// <param name="Run">The run of the sandbox that it is of: what one of an earlier run said counts no more.</param>
/// <param name="Revision">As it was reported.</param>
internal sealed record ConfigurationAdmission(
    string InstanceId, [property: JsonPropertyName("BootEpoch")] int Run, AdmissionState State, ConfigurationRevision Revision)
{
    private const int LongestError = 4096;

    /// <summary>Why it was rejected; a guest's words, harmless.</summary>
    public string Error { get; init => field = HarmlessText.Lines(value, LongestError); } = "";
}
