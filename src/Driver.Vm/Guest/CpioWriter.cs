using System.Globalization;
using System.Text;

namespace OpenShell.Driver.Vm.Guest;

/// <summary>
/// Writes a cpio archive in the "newc" format, the one that the kernel unpacks (its documentation:
/// driver-api/early-userspace/buffer-format). Everything in it belongs to root and has no time, so that the same
/// content gives the same bytes.
/// </summary>
internal sealed class CpioWriter(Stream output)
{
    private const uint TypeDirectory = 0x4000;
    private const uint TypeCharacterDevice = 0x2000;
    private const uint TypeFile = 0x8000;
    private const int HeaderLength = 110;
    private const int Alignment = 4;

    private uint _inode;

    /// <summary>Adds a directory; it must come before what is in it.</summary>
    public Task AddDirectoryAsync(string name, UnixFileMode mode, CancellationToken cancellationToken) =>
        WriteEntryAsync(name, TypeDirectory | (uint)mode, Stream.Null, 0, default, cancellationToken);

    /// <summary>Adds a character device.</summary>
    public Task AddCharacterDeviceAsync(string name, UnixFileMode mode, uint major, uint minor, CancellationToken cancellationToken) =>
        WriteEntryAsync(name, TypeCharacterDevice | (uint)mode, Stream.Null, 0, (major, minor), cancellationToken);

    /// <summary>Adds a file with the rest of a stream.</summary>
    public Task AddFileAsync(string name, UnixFileMode mode, Stream content, CancellationToken cancellationToken) =>
        WriteEntryAsync(name, TypeFile | (uint)mode, content, content.Length - content.Position, default, cancellationToken);

    /// <summary>Ends the archive.</summary>
    public Task FinishAsync(CancellationToken cancellationToken) =>
        WriteEntryAsync("TRAILER!!!", 0, Stream.Null, 0, default, cancellationToken);

    private async Task WriteEntryAsync(
        string name, uint mode, Stream content, long length, (uint Major, uint Minor) device, CancellationToken cancellationToken)
    {
        var nameBytes = Encoding.UTF8.GetBytes(name + "\0");
        var links = mode == 0 ? 1u : (mode & TypeDirectory) != 0 && (mode & TypeFile) == 0 ? 2u : 1u;

        // inode, mode, uid, gid, links, mtime, size, device of the file (2), device that it is (2), name length, check.
        ReadOnlySpan<uint> fields =
        [
            ++_inode, mode, 0, 0, links, 0, checked((uint)length), 0, 0, device.Major, device.Minor, (uint)nameBytes.Length, 0,
        ];
        var header = new StringBuilder("070701", HeaderLength);
        foreach (var field in fields)
        {
            header.Append(field.ToString("X8", CultureInfo.InvariantCulture));
        }

        await output.WriteAsync(Encoding.ASCII.GetBytes(header.ToString()), cancellationToken);
        await output.WriteAsync(nameBytes, cancellationToken);
        await PadAsync(HeaderLength + nameBytes.Length, cancellationToken);
        await content.CopyToAsync(output, cancellationToken);
        await PadAsync(length, cancellationToken);
    }

    private async Task PadAsync(long written, CancellationToken cancellationToken)
    {
        var padding = (int)(-written & (Alignment - 1));
        await output.WriteAsync(new byte[padding], cancellationToken);
    }
}
