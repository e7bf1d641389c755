using System.Collections.Immutable;

namespace OpenShell.Gateway.Store;

/// <summary>A row: identity, bookkeeping and an opaque payload.</summary>
internal sealed record StoredObject
{
    /// <summary>Kind of the object; ids are unique over all kinds.</summary>
    public required string Type { get; init; }

    public required string Id { get; init; }

    public required string Workspace { get; init; }

    /// <summary>Unique per type and workspace; never changes.</summary>
    public required string Name { get; init; }

    public ImmutableDictionary<string, string> Labels { get; init; } = ImmutableDictionary<string, string>.Empty;

    public required ReadOnlyMemory<byte> Payload { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public required DateTimeOffset UpdatedAt { get; init; }

    /// <summary>1 for a new row, one more with every write.</summary>
    public ulong ResourceVersion { get; init; }
}
