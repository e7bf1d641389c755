using System.Text;
using OpenShell.Protocol.Untrusted;

namespace OpenShell.Supervisor.MainProcess;

/// <summary>Makes lines of one output of a process. Owned by a <see cref="MainOutputLog"/>, whose lock guards it.</summary>
/// <param name="take">Gets each line; without its end, escape sequences and what else acts on a terminal.</param>
internal sealed class OutputLines(TimeProvider time, Action<string> take)
{
    /// <summary>Most bytes of a line; what is longer comes as several.</summary>
    public const int LongestLine = 4096;

    /// <summary>How long a line that has no end is waited for.</summary>
    public static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(1);

    private const byte EndOfLine = (byte)'\n';

    // Most main processes say little.
    private byte[] _part = new byte[128];
    private int _length;
    private long _since;

    /// <summary>Whether a line has begun that has no end yet.</summary>
    public bool HasPart => _length > 0;

    /// <summary>Takes bytes to the end of a line, or all there are; returns the rest.</summary>
    public ReadOnlySpan<byte> Add(ReadOnlySpan<byte> bytes)
    {
        var end = bytes.IndexOf(EndOfLine);
        Append(end < 0 ? bytes : bytes[..end]);
        if (end < 0)
        {
            return [];
        }

        Take(_length);
        return bytes[(end + 1)..];
    }

    /// <summary>Leaves out all but the last so many whole lines, without looking into them.</summary>
    /// <param name="bytes">What has come; becomes what is left.</param>
    /// <param name="most">Lines to keep.</param>
    /// <returns>How many lines are gone, what had begun before among them.</returns>
    public int Skip(ref ReadOnlySpan<byte> bytes, int most)
    {
        var gone = bytes.Count(EndOfLine) - most;
        if (gone <= 0)
        {
            return 0;
        }

        var end = bytes.LastIndexOf(EndOfLine);
        for (var i = 0; i < most; i++)
        {
            end = bytes[..end].LastIndexOf(EndOfLine);
        }

        bytes = bytes[(end + 1)..];
        _length = 0;
        return gone;
    }

    /// <summary>Lets the line that has begun go, if it did so that long ago.</summary>
    public void Flush(TimeSpan age)
    {
        if (HasPart && time.GetElapsedTime(_since) >= age)
        {
            // The rest of a character may come; what never will is shown at the end.
            var whole = age > TimeSpan.Zero ? WholeCharacters(_part.AsSpan(0, _length)) : _length;
            Take(whole > 0 ? whole : _length);
        }
    }

    private void Append(ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            if (_length == LongestLine)
            {
                var whole = WholeCharacters(_part);
                Take(whole > 0 ? whole : _length);
            }

            if (_length == 0)
            {
                _since = time.GetTimestamp();
            }

            var count = Math.Min(bytes.Length, LongestLine - _length);
            if (_length + count > _part.Length)
            {
                Array.Resize(ref _part, Math.Min(LongestLine, Math.Max(_length + count, _part.Length * 2)));
            }

            bytes[..count].CopyTo(_part.AsSpan(_length));
            _length += count;
            bytes = bytes[count..];
        }
    }

    private void Take(int count)
    {
        var line = EscapeSequences.Remove(Encoding.UTF8.GetString(_part, 0, count)).TrimEnd('\r');
        // A progress bar writes over itself: what it said last is what a reader would see.
        line = line[(line.LastIndexOf('\r') + 1)..];
        _part.AsSpan(count, _length - count).CopyTo(_part);
        _length -= count;
        _since = time.GetTimestamp();
        take(line);
    }

    // Without the beginning of a character at the end.
    private static int WholeCharacters(ReadOnlySpan<byte> text)
    {
        for (var back = 1; back <= Math.Min(3, text.Length); back++)
        {
            var b = text[^back];
            if (b >= 0xc0)
            {
                var length = b >= 0xf0 ? 4 : b >= 0xe0 ? 3 : 2;
                return back < length ? text.Length - back : text.Length;
            }

            if (b < 0x80)
            {
                break;
            }
        }

        return text.Length;
    }
}
