using System.Text.RegularExpressions;
using OpenShell.Protocol.Extension.V1;
using OpenShell.Protocol.Untrusted;

namespace OpenShell.Protocol.Peers;

/// <summary>
/// What a gateway and a compute driver tell each other before anything else (PeerMetadata in GetCapabilities): the version of
/// their contract, and what each can and needs.
/// </summary>
public static partial class ComputeContract
{
    /// <summary>The version of the contract. Minor ones go together.</summary>
    public const uint Major = 1;

    /// <summary>As <see cref="Major"/>.</summary>
    public const uint Minor = 0;

    /// <summary>Capability of everybody who speaks this contract.</summary>
    public const string Contract = "openshell.compute.contract";

    /// <summary>Capability of ours: a start takes a token (StartSandboxRequest.sandbox_token), so each boot has one of its own.</summary>
    public const string StartToken = "openshell.compute.start-token";

    private const int MaxCapabilities = 64;
    private const int MaxBytes = 128;

    /// <summary>What one of our programs says of itself.</summary>
    public static PeerMetadata Describe(string name, string version) => new()
    {
        ProtocolVersion = new ProtocolVersion { Major = Major, Minor = Minor },
        ImplementationName = name,
        ImplementationVersion = version,
        SupportedCapabilities = { Contract, StartToken },
        RequiredCapabilities = { Contract },
    };

    /// <summary>Whether two can work together.</summary>
    /// <param name="peer">What the other says of itself; null: nothing.</param>
    /// <param name="peerName">What to call the other, with its version if that is known.</param>
    /// <param name="us">What we say of ourselves.</param>
    /// <returns>Why not, and what to do; null if they can.</returns>
    public static string? Check(PeerMetadata? peer, string peerName, PeerMetadata us)
    {
        ArgumentNullException.ThrowIfNull(us);
        var named = peer is { ImplementationName.Length: > 0 and <= MaxBytes }
            ? $"{peerName} ('{HarmlessText.Line(peer.ImplementationName)}' {Version(peer)})"
            : peerName;
        var ours = $"{us.ImplementationName} {us.ImplementationVersion}";
        if (peer?.ProtocolVersion is not { } version)
        {
            return $"{named} does not say which version of the compute contract it speaks, as those of OpenShell 0.0.x do not; "
                + $"{ours} needs {Major}.x: upgrade it to OpenShell 0.1";
        }

        if (version.Major != Major)
        {
            return $"{named} speaks the compute contract {version.Major}.{version.Minor}, {ours} speaks {Major}.{Minor}: "
                + $"upgrade {(version.Major < Major ? "the former" : "the latter")}";
        }

        if (MalformedCapability(peer) is { } malformed)
        {
            return $"{named} has bad metadata: {malformed}";
        }

        if (Missing(us.RequiredCapabilities, peer.SupportedCapabilities) is { } lacks)
        {
            return $"{named} lacks {lacks}, which {ours} requires: upgrade the former";
        }

        return Missing(peer.RequiredCapabilities, us.SupportedCapabilities) is { } needs
            ? $"{named} requires {needs}, which {ours} lacks: upgrade the latter"
            : null;
    }

    private static string Version(PeerMetadata peer) =>
        peer.ImplementationVersion is { Length: > 0 and <= MaxBytes } version ? HarmlessText.Line(version) : "of an unknown version";

    private static string? Missing(IEnumerable<string> required, IEnumerable<string> supported)
    {
        var missing = required.Except(supported, StringComparer.Ordinal).Order(StringComparer.Ordinal).ToList();
        return missing.Count == 0 ? null : string.Join(", ", missing.Select(name => $"'{name}'"));
    }

    private static string? MalformedCapability(PeerMetadata peer)
    {
        foreach (var (list, what) in new[] { (peer.SupportedCapabilities, "supported_capabilities"), (peer.RequiredCapabilities, "required_capabilities") })
        {
            if (list.Count > MaxCapabilities)
            {
                return $"{what} has {list.Count} entries, {MaxCapabilities} are possible";
            }

            if (list.FirstOrDefault(name => name.Length > MaxBytes || !Form().IsMatch(name)) is { } bad)
            {
                return $"{what} has '{HarmlessText.Line(bad[..Math.Min(bad.Length, MaxBytes)])}', which is no name such as '{Contract}'";
            }

            if (list.GroupBy(name => name, StringComparer.Ordinal).FirstOrDefault(group => group.Count() > 1) is { } twice)
            {
                return $"{what} has '{twice.Key}' twice";
            }
        }

        return peer switch
        {
            { ImplementationName.Length: 0 or > MaxBytes } => $"implementation_name must have 1 to {MaxBytes} characters",
            { ImplementationVersion.Length: > MaxBytes } => $"implementation_version must have at most {MaxBytes} characters",
            _ => null,
        };
    }

    [GeneratedRegex(@"\Aopenshell(\.[a-z0-9-]+){2,}\z")]
    private static partial Regex Form();
}
