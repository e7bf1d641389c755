using System.Collections.Immutable;
using System.Text.Json.Serialization;

namespace OpenShell.Gateway.Workspaces;

/// <summary>Whether things can be created in a workspace. Numbers are those of the wire.</summary>
internal enum WorkspacePhase
{
    /// <summary>They can.</summary>
    Active = 1,

    /// <summary>Its deletion has begun, and waits for what is still in it.</summary>
    Terminating = 2,
}

/// <summary>A workspace as it is stored: a space of names for sandboxes and what belongs to them.</summary>
internal sealed record WorkspaceRecord
{
    /// <summary>The one that always exists.</summary>
    public const string Default = "default";

    public required string Id { get; init; }

    public required string Name { get; init; }

    public ImmutableDictionary<string, string> Labels { get; init; } = ImmutableDictionary<string, string>.Empty;

    public WorkspacePhase Phase { get; init; } = WorkspacePhase.Active;

    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>When its deletion was begun.</summary>
    public DateTimeOffset? DeletionAt { get; init; }

    public ulong ResourceVersion { get; init; }
}

/// <summary>What of a <see cref="WorkspaceRecord"/> has no column of its own.</summary>
internal sealed record WorkspacePayload(WorkspacePhase Phase, DateTimeOffset? DeletionAt = null);

/// <summary>Serializer of <see cref="WorkspacePayload"/>.</summary>
[JsonSerializable(typeof(WorkspacePayload))]
[JsonSourceGenerationOptions(UseStringEnumConverter = true)]
internal sealed partial class WorkspacePayloadJson : JsonSerializerContext;
