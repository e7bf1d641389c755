using System.Text.Json.Serialization;
using OpenShell.Cli.Config;

namespace OpenShell.Cli.Forwarding;

/// <summary>A run of <c>forward start</c>, as <c>list</c> and <c>stop</c> find it.</summary>
internal sealed record ForwardRecord
{
    /// <summary>Process id.</summary>
    public required int Pid { get; init; }

    /// <summary>When that process started, in clock ticks since <see cref="Boot"/>: a pid is used again, the two together are not.</summary>
    public required long StartTicks { get; init; }

    /// <summary>The machine's boot id.</summary>
    public required string Boot { get; init; }

    /// <summary>The gateway's name or address.</summary>
    public required string Gateway { get; init; }

    /// <summary>Name of the sandbox.</summary>
    public required string Sandbox { get; init; }

    /// <summary>Its workspace.</summary>
    public string Workspace { get; init; } = WorkspaceName.Default;

    /// <summary>Its id.</summary>
    public required string SandboxId { get; init; }

    /// <summary>Started with --detach.</summary>
    public required bool Detached { get; init; }

    /// <summary>What is forwarded.</summary>
    public required IReadOnlyList<ForwardPorts> Ports { get; init; }
}

/// <summary>One listener of a forward.</summary>
/// <param name="LocalPort">Its port, never 0.</param>
/// <param name="Host">Where it leads in the sandbox.</param>
internal sealed record ForwardPorts(string Bind, int LocalPort, string Host, int Port)
{
    /// <summary><c>127.0.0.1:8080</c></summary>
    public string Local => Bind.Contains(':', StringComparison.Ordinal) ? $"[{Bind}]:{LocalPort}" : $"{Bind}:{LocalPort}";

    /// <summary><c>localhost:80</c></summary>
    public string Remote => Host.Contains(':', StringComparison.Ordinal) ? $"[{Host}]:{Port}" : $"{Host}:{Port}";
}

[JsonSourceGenerationOptions(WriteIndented = true, PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(ForwardRecord))]
internal sealed partial class ForwardRecordJson : JsonSerializerContext;
