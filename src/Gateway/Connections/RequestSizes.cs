using System.Collections.Frozen;

namespace OpenShell.Gateway.Connections;

/// <summary>How large the request of each method may be whose request is one message; the others bound theirs themselves.</summary>
/// <param name="MaxBytes">By path.</param>
internal sealed record RequestSizes(FrozenDictionary<string, int> MaxBytes)
{
    /// <summary>As the gRPC library has it for most calls; it refuses, with its own words, what is larger.</summary>
    public const int Usual = 4 * 1024 * 1024;

    /// <summary>Of an exec: a start of the largest size, stdin of some MiB, and what is around them.</summary>
    public const int Exec = 40 * 1024 * 1024;
}
