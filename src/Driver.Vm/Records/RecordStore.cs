using System.Text.Json;
using OpenShell.Linux.Files;

namespace OpenShell.Driver.Vm.Records;

/// <summary>The records in the state directory, one directory a sandbox.</summary>
internal sealed class RecordStore(StateLayout layout)
{
    /// <summary>Writes a record; the last of two concurrent writers wins, and each writes it whole.</summary>
    public void Save(MachineRecord record) =>
        DurableFile.Replace(layout.Sandbox(record.Spec.Id).RecordPath, JsonSerializer.SerializeToUtf8Bytes(record, RecordJson.Default.MachineRecord));

    /// <summary>The ids that have a directory, whether or not it holds a record.</summary>
    public IReadOnlyList<string> ListIds() =>
        Directory.Exists(layout.SandboxesDirectory)
            ? [.. Directory.EnumerateDirectories(layout.SandboxesDirectory).Select(path => Path.GetFileName(path))
                .Where(SandboxId.IsValid).Order(StringComparer.Ordinal)]
            : [];

    /// <summary>What is in the directory of sandboxes and cannot be one's: lost+found, say. Nobody touches it.</summary>
    public IReadOnlyList<string> ListForeign() =>
        [.. Directory.EnumerateFileSystemEntries(layout.SandboxesDirectory)
            .Where(path => !Directory.Exists(path) || !SandboxId.IsValid(Path.GetFileName(path))).Order(StringComparer.Ordinal)];

    /// <summary>The record of an id.</summary>
    public RecordReading Load(string id)
    {
        var path = layout.Sandbox(id).RecordPath;
        try
        {
            var record = JsonSerializer.Deserialize(File.ReadAllBytes(path), RecordJson.Default.MachineRecord);
            return record switch
            {
                null => Unreadable("is empty"),
                { Version: > MachineRecord.CurrentVersion } =>
                    Unreadable($"is of a newer driver (version {record.Version}, this one knows {MachineRecord.CurrentVersion})"),
                _ when record.Spec.Id != id => Unreadable($"is of another sandbox, '{record.Spec.Id}'"),
                _ => new RecordReading(record, null),
            };
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return new RecordReading(null, null);
        }
        catch (Exception e) when (e is JsonException or NotSupportedException)
        {
            return Unreadable("is no record, or a damaged one");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return Unreadable(Directory.Exists(path) ? "is a directory" : $"cannot be opened ({e.Message.TrimEnd('.')})");
        }

        RecordReading Unreadable(string why) => new(null, $"its record {path} {why}");
    }
}

/// <summary>What was found where a record should be.</summary>
/// <param name="Record">The record; null if there is none, or none that can be used.</param>
/// <param name="Problem">What is wrong with the one that is there, for people; null if nothing is, or if there is none.</param>
internal readonly record struct RecordReading(MachineRecord? Record, string? Problem);
