using System.Buffers;
using OpenShell.Linux.Descriptors;
using OpenShell.Linux.Files;
using OpenShell.Linux.Programs;
using OpenShell.Protocol.Exec;

namespace OpenShell.Supervisor.Files;

/// <summary>
/// <c>openshell-supervisor files</c>, behind the subsystem of that name: sets and tells permissions and times of files below
/// the working directory, as exactly as the kernel has them. Tools of images cannot: busybox knows no fractions of a second
/// and no years before 1970. Runs as the user who copies, with that user's rights; <see cref="FileRecord"/> is what it reads
/// and writes, one answer for each record in their order.
/// </summary>
internal static class FilesCommand
{
    /// <summary>The subsystem, and the argument of this program.</summary>
    public const string Subsystem = "files";

    /// <summary>This program, whoever starts it, also when its file is hidden or gone.</summary>
    public const string Program = "/proc/self/exe";

    private const int BufferBytes = 64 * 1024;

    // A path and three numbers.
    private const int LongestRecord = 8 * 1024;

    public static int Run()
    {
        using var input = new FileDescriptor(0);
        using var output = new FileDescriptor(1);
        var pending = new ArrayBufferWriter<byte>();
        var answers = new ArrayBufferWriter<byte>();
        var buffer = new byte[BufferBytes];
        while (true)
        {
            var count = DescriptorIo.TryRead(input, buffer);
            if (count <= 0)
            {
                return count == 0 && pending.WrittenCount == 0 ? ExitCodes.Ok : ExitCodes.Failed;
            }

            pending.Write(buffer.AsSpan(0, count));
            var rest = Answer(pending.WrittenSpan, answers);
            if (rest.Length > LongestRecord || !WriteAll(output, answers.WrittenSpan))
            {
                return ExitCodes.Failed;
            }

            var left = rest.ToArray();
            pending.Clear();
            pending.Write(left);
            answers.Clear();
        }
    }

    // What is left is the beginning of a record.
    private static ReadOnlySpan<byte> Answer(ReadOnlySpan<byte> records, ArrayBufferWriter<byte> answers)
    {
        while (records.IndexOf((byte)0) is var end and >= 0)
        {
            if (FileRecord.TryParse(records[..end], out var record))
            {
                Answer(record).WriteTo(answers);
            }

            records = records[(end + 1)..];
        }

        return records;
    }

    private static FileRecord Answer(FileRecord record)
    {
        byte[] path = [.. record.Path, 0];
        if (record.HasAttributes)
        {
            // In this order: some file systems take set-user-id bits away with other changes.
            PathAttributes.TrySetModified(path, record.Seconds, record.Nanoseconds);
            PathAttributes.TrySetMode(path, (uint)record.Mode & FileRecord.PermissionMask);
        }

        return FileStatus.Find(path, followLink: false) is { } status
            ? new FileRecord(record.Path, status.TypeAndMode, status.ModifiedSeconds, status.ModifiedNanoseconds)
            : new FileRecord(record.Path, null, 0, 0);
    }

    private static bool WriteAll(FileDescriptor output, ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            var count = DescriptorIo.TryWrite(output, bytes);
            if (count < 0)
            {
                return false;
            }

            bytes = bytes[count..];
        }

        return true;
    }
}
