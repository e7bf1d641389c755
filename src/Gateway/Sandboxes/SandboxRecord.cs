using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace OpenShell.Gateway.Sandboxes;

/// <summary>A sandbox as it is stored.</summary>
internal sealed record SandboxRecord
{
    public required string Id { get; init; }

    public required string Name { get; init; }

    public required string Workspace { get; init; }

    public ImmutableDictionary<string, string> Labels { get; init; } = ImmutableDictionary<string, string>.Empty;

    public ImmutableDictionary<string, string> Annotations { get; init; } = ImmutableDictionary<string, string>.Empty;

    /// <summary>The caller's SandboxSpec as it came, so that fields that we do not know come back too.</summary>
    public required ReadOnlyMemory<byte> Spec { get; init; }

    public SandboxPhase Phase { get; init; } = SandboxPhase.Provisioning;

    public ImmutableArray<SandboxCondition> Conditions { get; init; } = [];

    /// <summary>Raised with every start whose driver takes a token for it; a token of a lower one is worth nothing any more.</summary>
    public int BootEpoch { get; init; } = 1;

    /// <summary>Raised with every start, whatever its driver takes: what was said or given for a lower one is over.</summary>
    public int Run { get; init; } = 1;

    /// <summary>The run (boot) that <see cref="ExitCode"/> belongs to; empty before the first session.</summary>
    public string InstanceId { get; init; } = "";

    /// <summary>Exit code of the main process, once it has ended; kept until the next boot is READY, or has ended too.</summary>
    public int? ExitCode { get; init; }

    /// <summary>The boot that <see cref="ExitCode"/> is of.</summary>
    public int ExitEpoch { get; init; }

    /// <summary>When the last boot that was READY became so for the first time.</summary>
    public DateTimeOffset? MainProcessStarted { get; init; }

    /// <summary>What the main process wrote may not have reached its clients yet: until then nothing of its machine is taken down.</summary>
    public DateTimeOffset? OutputAwaitedUntil { get; init; }

    public SandboxRestartPolicy RestartPolicy { get; init; } = SandboxRestartPolicy.Never;

    /// <summary>Starts by <see cref="RestartPolicy"/> since it last was READY for long, or a user started it.</summary>
    public int RestartCount { get; init; }

    /// <summary>When <see cref="RestartPolicy"/> starts it again.</summary>
    public DateTimeOffset? NextRestart { get; init; }

    /// <summary>The last try to bring it to READY; null in rows of gateways that did not note it.</summary>
    public ProvisioningAttempt? Provisioning { get; init; }

    /// <summary>What a supervisor said last about its configuration; null: none has said anything.</summary>
    public ConfigurationAdmission? Admission { get; init; }

    /// <summary>Version of the policy that a supervisor has loaded; 0: none was reported.</summary>
    public uint LoadedPolicyVersion { get; init; }

    /// <summary>Its creator has said that he will attach to the main process of the first boot.</summary>
    public bool AwaitsAttachment { get; init; }

    /// <summary>SHA256:… of its SSH server's key, as its first session told it; empty before.</summary>
    public string HostKeyFingerprint { get; init; } = "";

    public required DateTimeOffset CreatedAt { get; init; }

    public ulong ResourceVersion { get; init; }

    /// <summary>What is stored of it is damaged: it is shown as an error, never written over, and can be deleted.</summary>
    public bool IsUnreadable { get; init; }

    /// <summary>The condition that explains the phase.</summary>
    public SandboxCondition? Ready => Conditions.FirstOrDefault(c => c.Type == SandboxCondition.ReadyType);

    /// <summary>Whether this run was READY and is to be so again: a start stays STARTING until it is.</summary>
    public bool WasReady => Phase == SandboxPhase.Ready || (Phase == SandboxPhase.Provisioning && MainProcessStarted is not null);

    /// <summary>Whether a start has begun and what ran before it may still run.</summary>
    public bool IsRestarting => Phase == SandboxPhase.Starting && Ready?.Reason == SandboxCondition.Restarting;

    /// <summary>Whether its machine is to run: if the gateway ends, the next one brings it back.</summary>
    public bool IsToRun => Phase
        is SandboxPhase.Unspecified or SandboxPhase.Provisioning or SandboxPhase.Ready or SandboxPhase.Starting or SandboxPhase.Unknown;

    /// <summary>Whether a stop or a deletion was begun; if nobody is about it any more, somebody has to finish it.</summary>
    public bool IsUnfinished => Phase is SandboxPhase.Stopping or SandboxPhase.Deleting;

    /// <summary>Whether it is known how the main process of a boot ended. The tokens of several boots may have one epoch.</summary>
    public bool HasExitOf(string instance, int bootEpoch) => ExitCode is not null && ExitEpoch == bootEpoch && InstanceId == instance;

    /// <summary>Whether its main process or its machine has ended, or never came up; its supervisor may still be there.</summary>
    public bool HasEnded => Phase is SandboxPhase.Completed or SandboxPhase.Error;

    /// <summary>What the supervisor of this boot makes of the configuration; unspecified: it has not said anything.</summary>
    public AdmissionState AdmissionOfThisBoot => Admission is { } admission && admission.Run == Run ? admission.State : AdmissionState.Unspecified;

    /// <summary>With another Ready condition; its transition time changes only with its status.</summary>
    public SandboxRecord WithReady(string status, string reason, string message, DateTimeOffset now) =>
        With(SandboxCondition.ReadyType, status, reason, message, now);

    /// <inheritdoc cref="WithReady"/>
    public SandboxRecord With(string type, string status, string reason, string message, DateTimeOffset now)
    {
        var old = Conditions.FirstOrDefault(c => c.Type == type);
        var since = old?.Status == status ? old.LastTransition : now;
        var changed = new SandboxCondition(type, status, reason, message, since);
        return changed == old ? this : this with { Conditions = [.. Conditions.Where(c => c.Type != type), changed] };
    }

    /// <summary>Without the conditions of a type.</summary>
    public SandboxRecord Without(string type) =>
        Conditions.Any(c => c.Type == type) ? this with { Conditions = [.. Conditions.Where(c => c.Type != type)] } : this;
}

/// <summary>What of a <see cref="SandboxRecord"/> has no column of its own.</summary>
internal sealed record SandboxPayload
{
    public byte[] Spec { get; init; } = [];

    public ImmutableDictionary<string, string> Annotations { get; init; } = ImmutableDictionary<string, string>.Empty;

    public SandboxPhase Phase { get; init; }

    public ImmutableArray<SandboxCondition> Conditions { get; init; } = [];

    public int BootEpoch { get; init; }

    /// <summary>0 in rows of gateways that counted boot epochs only.</summary>
    public int Run { get; init; }

    public string InstanceId { get; init; } = "";

    public int? ExitCode { get; init; }

    /// <summary>0 in rows of gateways that kept no exit code past a start.</summary>
    public int ExitEpoch { get; init; }

    public DateTimeOffset? MainProcessStarted { get; init; }

    public DateTimeOffset? OutputAwaitedUntil { get; init; }

    /// <summary>Unspecified in rows of gateways that knew none.</summary>
    public SandboxRestartPolicy RestartPolicy { get; init; }

    public int RestartCount { get; init; }

    public DateTimeOffset? NextRestart { get; init; }

    public ProvisioningAttempt? Provisioning { get; init; }

    public ConfigurationAdmission? Admission { get; init; }

    public uint LoadedPolicyVersion { get; init; }

    public bool AwaitsAttachment { get; init; }

    /// <summary>Null in rows of gateways that did not keep it.</summary>
    public string? HostKeyFingerprint { get; init; }

    public byte[] ToJson() => JsonSerializer.SerializeToUtf8Bytes(this, SandboxPayloadJson.Default.SandboxPayload);
}

/// <summary>Serializer of <see cref="SandboxPayload"/>.</summary>
[JsonSerializable(typeof(SandboxPayload))]
[JsonSourceGenerationOptions(UseStringEnumConverter = true, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
internal sealed partial class SandboxPayloadJson : JsonSerializerContext;
