using System.Text.Json;

namespace OpenShell.Driver.Vm.Records;

/// <summary>The records in the state directory, one directory a sandbox.</summary>
internal sealed class RecordStore(StateLayout layout)
{
    /// <summary>Writes a record; the last of two concurrent writers wins, and each writes it whole.</summary>
    public void Save(SandboxRecord record) =>
        AtomicFile.Write(layout.Sandbox(record.Spec.Id).RecordPath, JsonSerializer.SerializeToUtf8Bytes(record, RecordJson.Default.SandboxRecord));

    /// <summary>The ids that have a directory, whether or not it holds a record.</summary>
    public IReadOnlyList<string> ListIds() =>
        Directory.Exists(layout.SandboxesDirectory)
            ? [.. Directory.EnumerateDirectories(layout.SandboxesDirectory).Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal)]
            : [];

    /// <summary>Whether an id has a record, readable or not.</summary>
    public bool Exists(string id) => File.Exists(layout.Sandbox(id).RecordPath);

    /// <summary>The record of an id; null if it has none that can be read or that is its own.</summary>
    public SandboxRecord? TryLoad(string id)
    {
        var path = layout.Sandbox(id).RecordPath;
        try
        {
            return File.Exists(path) && JsonSerializer.Deserialize(File.ReadAllBytes(path), RecordJson.Default.SandboxRecord) is { } record
                && record.Spec.Id == id
                ? record
                : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
