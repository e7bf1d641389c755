namespace OpenShell.Driver.Vm.Admission;

/// <summary>A sandbox as it was asked for, unchecked.</summary>
internal sealed record SandboxRequest
{
    public required string Id { get; init; }

    public required string Name { get; init; }

    public string Namespace { get; init; } = "";

    public string Workspace { get; init; } = "";

    /// <summary>Empty is the default image.</summary>
    public string Image { get; init; } = "";

    public IReadOnlyList<string> Command { get; init; } = [];

    public bool Tty { get; init; }

    /// <inheritdoc cref="Records.MachineSpec.AwaitMainProcessAttachment"/>
    public bool AwaitMainProcessAttachment { get; init; }

    public string LogLevel { get; init; } = "";

    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>();

    public IReadOnlyDictionary<string, string> Labels { get; init; } = new Dictionary<string, string>();

    /// <inheritdoc cref="Records.MachineSpec.Policy"/>
    public byte[] Policy { get; init; } = [];

    /// <summary>A quantity; empty is the default.</summary>
    public string Cpu { get; init; } = "";

    /// <inheritdoc cref="Cpu"/>
    public string Memory { get; init; } = "";

    /// <inheritdoc cref="Cpu"/>
    public string Disk { get; init; } = "";

    /// <summary>What was asked for and does not exist here, in words that finish "this driver has no …".</summary>
    public IReadOnlyList<string> Unsupported { get; init; } = [];
}
