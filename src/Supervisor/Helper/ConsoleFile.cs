using Microsoft.Win32.SafeHandles;
using OpenShell.Linux.Files;

namespace OpenShell.Supervisor.Helper;

/// <summary>
/// The end of everything that a guest has written to its console. A guest may write as much as it likes; when the file
/// is full, its older half is left out. Whoever reads it at any moment finds a whole file.
/// </summary>
internal sealed class ConsoleFile : IDisposable
{
    /// <summary>Of the file; while it is being cut there are another <see cref="KeptBytes"/> beside it.</summary>
    public const int MaxBytes = 1 << 20;

    public const int KeptBytes = 512 << 10;


    private readonly string _path;
    private SafeFileHandle _file;
    private long _length;

    /// <summary>Goes on behind what is there.</summary>
    /// <exception cref="IOException">It cannot be opened.</exception>
    public ConsoleFile(string path)
    {
        _path = path;
        _file = Open(path, FileMode.OpenOrCreate);
        _length = RandomAccess.GetLength(_file);
    }

    /// <summary>Appends. What a full disk does not take is lost, as on a console that is not read.</summary>
    public void Append(ReadOnlySpan<byte> bytes)
    {
        try
        {
            if (_length + bytes.Length > MaxBytes)
            {
                Cut();
            }

            RandomAccess.Write(_file, bytes, _length);
            _length += bytes.Length;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            _length = RandomAccess.GetLength(_file);
        }
    }

    public void Dispose() => _file.Dispose();

    private void Cut()
    {
        var next = _path + ".new";
        try
        {
            // Left by a helper that was killed here.
            File.Delete(next);
            var file = Open(next, FileMode.CreateNew);
            try
            {
                var kept = new byte[(int)Math.Min(_length, KeptBytes)];
                var count = RandomAccess.Read(_file, kept, _length - kept.Length);
                RandomAccess.Write(file, kept.AsSpan(0, count), 0);
                File.Move(next, _path, overwrite: true);
                (_length, file, _file) = (count, _file, file);
            }
            finally
            {
                file.Dispose();
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // No space for a copy, or the sandbox is being deleted: the bound holds all the same.
            RandomAccess.SetLength(_file, 0);
            _length = 0;
        }
    }

    private static SafeFileHandle Open(string path, FileMode mode)
    {
        var handle = File.OpenHandle(path, mode, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete);
        File.SetUnixFileMode(handle, DurableFile.OwnerOnly);
        return handle;
    }
}
