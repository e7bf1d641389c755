using Microsoft.Win32.SafeHandles;
using OpenShell.Cli.Text;
using OpenShell.Linux;
using OpenShell.Linux.Files;

namespace OpenShell.Cli.Transfer;

/// <summary>A directory of this machine, whose links are never followed. Owns its descriptor.</summary>
internal sealed class LocalTree(SafeFileHandle root) : IDisposable
{
    /// <summary>The open directory.</summary>
    public SafeFileHandle Root => root;

    /// <summary>Opens a directory that the user named.</summary>
    /// <exception cref="IOException">It cannot be opened.</exception>
    public static LocalTree Open(string rawPath) =>
        new(DirectoryCalls.OpenNamedDirectory(RawPath.ToNative(rawPath.Length == 0 ? "." : rawPath)));

    /// <summary>What is at a path below it; null when nothing is, or when a link is on the way.</summary>
    public Entry? Find(string path)
    {
        try
        {
            (var directory, var name) = RawPath.Split(path);
            using var parent = OpenDirectory(directory);
            return Describe(parent, name, path);
        }
        catch (IOException e) when (e.HResult is Errno.NoEntry or Errno.NotDirectory or Errno.TooManyLinks)
        {
            return null;
        }
    }

    /// <summary>The directory itself, with an empty path.</summary>
    public Entry DescribeRoot() => Describe(root, ".", "") ?? throw new IOException("the directory is gone");

    /// <summary>An entry and everything below it, directories before their content, names in order.</summary>
    /// <param name="path">Empty is the tree itself, which is not among the results.</param>
    /// <param name="descends">Whether to look into a directory; null is into all.</param>
    public IEnumerable<Entry> Walk(string path, Func<string, bool>? descends = null)
    {
        var pending = new Stack<string>([path]);
        while (pending.TryPop(out var current))
        {
            var entry = current.Length == 0 ? null : Find(current);
            if (current.Length > 0 && entry is null)
            {
                // Gone since its directory was read.
                continue;
            }

            if (entry is not null)
            {
                yield return entry;
            }

            if (entry is null || (entry.Kind == EntryKind.Directory && descends?.Invoke(current) is not false))
            {
                foreach (var name in Names(current).OrderDescending(StringComparer.Ordinal))
                {
                    pending.Push(RawPath.Join(current, name));
                }
            }
        }
    }

    /// <summary>Opens a regular file for reading.</summary>
    public FileStream OpenFile(string path)
    {
        (var directory, var name) = RawPath.Split(path);
        using var parent = OpenDirectory(directory);
        return new FileStream(DirectoryCalls.OpenFile(parent, RawPath.ToNative(name)), FileAccess.Read, bufferSize: 0);
    }

    /// <summary>Opens a directory below it.</summary>
    public SafeFileHandle OpenDirectory(string path)
    {
        var current = DirectoryCalls.OpenDirectory(root, RawPath.ToNative("."));
        foreach (var part in path.Split('/', StringSplitOptions.RemoveEmptyEntries))
        {
            using var above = current;
            current = DirectoryCalls.OpenDirectory(above, RawPath.ToNative(part));
        }

        return current;
    }

    public void Dispose() => root.Dispose();

    private List<string> Names(string path)
    {
        using var directory = OpenDirectory(path);
        return [.. DirectoryCalls.List(directory, RawPath.ToNative(".")).Select(name => RawPath.FromBytes(name))];
    }

    private static Entry? Describe(SafeFileHandle parent, string name, string path)
    {
        var native = RawPath.ToNative(name);
        if (DirectoryCalls.Status(parent, native) is not { } status)
        {
            return null;
        }

        var kind = status switch
        {
            { IsFile: true } => EntryKind.File,
            { IsDirectory: true } => EntryKind.Directory,
            { IsSymbolicLink: true } => EntryKind.SymbolicLink,
            _ => EntryKind.Special,
        };
        var link = kind == EntryKind.SymbolicLink ? RawPath.FromBytes(DirectoryCalls.ReadLink(parent, native)) : "";
        return new Entry(path, kind, status.Mode, kind == EntryKind.File ? status.Size : 0, status.ModifiedSeconds, link)
        {
            ModifiedNanoseconds = status.ModifiedNanoseconds,
            Shared = kind == EntryKind.File && status.Links > 1 ? (status.Device, status.Inode) : null,
        };
    }
}
