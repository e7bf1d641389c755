using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace OpenShell.Gateway.Sandboxes;

/// <summary>A sandbox as it is stored.</summary>
internal sealed record SandboxRecord
{
    /// <summary>The one workspace that there is, until there are several.</summary>
    public const string DefaultWorkspace = "default";

    public required string Id { get; init; }

    public required string Name { get; init; }

    public required string Workspace { get; init; }

    public ImmutableDictionary<string, string> Labels { get; init; } = ImmutableDictionary<string, string>.Empty;

    public ImmutableDictionary<string, string> Annotations { get; init; } = ImmutableDictionary<string, string>.Empty;

    /// <summary>The caller's SandboxSpec as it came, so that fields that we do not know come back too.</summary>
    public required ReadOnlyMemory<byte> Spec { get; init; }

    public SandboxPhase Phase { get; init; } = SandboxPhase.Provisioning;

    public ImmutableArray<SandboxCondition> Conditions { get; init; } = [];

    /// <summary>Raised with every start; a token of a lower one is worth nothing any more.</summary>
    public int BootEpoch { get; init; } = 1;

    /// <summary>The run (boot) that <see cref="ExitCode"/> belongs to; empty before the first session.</summary>
    public string InstanceId { get; init; } = "";

    /// <summary>Exit code of the main process, once it has ended.</summary>
    public int? ExitCode { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public ulong ResourceVersion { get; init; }

    /// <summary>What is stored of it is damaged: it is shown as an error, never written over, and can be deleted.</summary>
    public bool IsUnreadable { get; init; }

    /// <summary>The condition that explains the phase.</summary>
    public SandboxCondition? Ready => Conditions.FirstOrDefault(c => c.Type == SandboxCondition.ReadyType);

    /// <summary>Whether a start has begun and what ran before it may still run.</summary>
    public bool IsRestarting => Phase == SandboxPhase.Starting && Ready?.Reason == SandboxCondition.Restarting;

    /// <summary>Whether its machine is to run: if the gateway ends, the next one brings it back.</summary>
    public bool IsToRun => Phase
        is SandboxPhase.Unspecified or SandboxPhase.Provisioning or SandboxPhase.Ready or SandboxPhase.Starting or SandboxPhase.Unknown;

    /// <summary>Whether a stop or a deletion was begun; if nobody is about it any more, somebody has to finish it.</summary>
    public bool IsUnfinished => Phase is SandboxPhase.Stopping or SandboxPhase.Deleting;

    /// <summary>With another Ready condition; its transition time changes only with its status.</summary>
    public SandboxRecord WithReady(string status, string reason, string message, DateTimeOffset now)
    {
        var old = Ready;
        var since = old?.Status == status ? old.LastTransition : now;
        var ready = new SandboxCondition(SandboxCondition.ReadyType, status, reason, message, since);
        return ready == old ? this : this with { Conditions = [.. Conditions.Where(c => c.Type != SandboxCondition.ReadyType), ready] };
    }
}

/// <summary>What of a <see cref="SandboxRecord"/> has no column of its own.</summary>
internal sealed record SandboxPayload
{
    public byte[] Spec { get; init; } = [];

    public ImmutableDictionary<string, string> Annotations { get; init; } = ImmutableDictionary<string, string>.Empty;

    public SandboxPhase Phase { get; init; }

    public ImmutableArray<SandboxCondition> Conditions { get; init; } = [];

    public int BootEpoch { get; init; }

    public string InstanceId { get; init; } = "";

    public int? ExitCode { get; init; }

    public byte[] ToJson() => JsonSerializer.SerializeToUtf8Bytes(this, SandboxPayloadJson.Default.SandboxPayload);
}

/// <summary>Serializer of <see cref="SandboxPayload"/>.</summary>
[JsonSerializable(typeof(SandboxPayload))]
[JsonSourceGenerationOptions(UseStringEnumConverter = true, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
internal sealed partial class SandboxPayloadJson : JsonSerializerContext;
