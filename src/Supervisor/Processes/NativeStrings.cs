using System.Runtime.InteropServices;
using System.Text;

namespace OpenShell.Supervisor.Processes;

/// <summary>Strings and arrays of strings in the C form, freed together.</summary>
internal sealed unsafe class NativeStrings : IDisposable
{
    private readonly List<nint> _blocks = [];

    /// <summary>What the arrays so far cost a process that gets them, as Linux counts: their strings and a pointer each.</summary>
    public long Bytes { get; private set; }

    public byte* Add(string text)
    {
        var length = Encoding.UTF8.GetByteCount(text);
        var bytes = (byte*)Allocate((nuint)length + 1);
        Encoding.UTF8.GetBytes(text, new Span<byte>(bytes, length));
        bytes[length] = 0;
        return bytes;
    }

    /// <summary>A null-terminated array, with one free slot in front of its first element.</summary>
    public byte** AddArray(IReadOnlyCollection<string> texts)
    {
        var array = (byte**)Allocate((nuint)(texts.Count + 2) * (nuint)sizeof(byte*));
        array[0] = null;
        var index = 1;
        foreach (var text in texts)
        {
            array[index++] = Add(text);
            Bytes += Encoding.UTF8.GetByteCount(text) + 1 + sizeof(byte*);
        }

        array[index] = null;
        return array + 1;
    }

    public void Dispose()
    {
        foreach (var block in _blocks)
        {
            NativeMemory.Free((void*)block);
        }

        _blocks.Clear();
    }

    private void* Allocate(nuint size)
    {
        var block = NativeMemory.Alloc(size);
        _blocks.Add((nint)block);
        return block;
    }
}
