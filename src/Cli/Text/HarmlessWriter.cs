using System.Buffers;
using System.Text;
using OpenShell.Protocol.Untrusted;

namespace OpenShell.Cli.Text;

/// <summary>
/// The text side of a standard stream. It lets through what <see cref="Palette"/> makes, line feeds and tabs, and shows
/// everything else that acts on a terminal as an escape: the last place, for what the code on the way forgot. What a
/// command in the sandbox writes does not come here but goes out as bytes, as with ssh.
/// </summary>
internal sealed class HarmlessWriter(TextWriter output) : TextWriter
{
    private static readonly SearchValues<char> Plain =
        SearchValues.Create([.. Enumerable.Range(' ', '~' - ' ' + 1).Select(code => (char)code), '\n', '\t']);

    private char _half;

    /// <summary>The stream itself, for a display that moves the cursor and takes care of its texts.</summary>
    public TextWriter Raw => output;

    public override Encoding Encoding => output.Encoding;

    public override void Write(char value) => Write([value]);

    public override void Write(char[] buffer, int index, int count) => Write(buffer.AsSpan(index, count));

    public override void Write(string? value) => Write(value.AsSpan());

    // A line goes out in one piece: others may write to the same terminal.
    public override void WriteLine(string? value) => Write(value + "\n");

    // As the descriptor's stream does: the write itself blocks, and a thread switch for each line costs more.
    public override Task WriteAsync(string? value)
    {
        Write(value);
        return Task.CompletedTask;
    }

    public override Task WriteLineAsync(string? value)
    {
        WriteLine(value);
        return Task.CompletedTask;
    }

    // The text on the way may be of another process's size: no copy where there is nothing to change.
    public override void Write(ReadOnlySpan<char> buffer)
    {
        if (_half == 0 && !buffer.ContainsAnyExcept(Plain))
        {
            output.Write(buffer);
            return;
        }

        var made = new StringBuilder(buffer.Length + 16);
        var text = _half == 0 ? buffer.ToString() : string.Concat([_half], buffer);
        _half = '\0';
        // The other half may come with the next piece.
        if (text.Length > 0 && char.IsHighSurrogate(text[^1]))
        {
            (_half, text) = (text[^1], text[..^1]);
        }

        for (var i = 0; i < text.Length;)
        {
            if (Palette.SequenceLength(text.AsSpan(i)) is var length and > 0)
            {
                made.Append(text, i, length);
                i += length;
                continue;
            }

            var codePoint = HarmlessText.CodePointAt(text, i);
            var units = codePoint > char.MaxValue ? 2 : 1;
            HarmlessText.AppendTo(made, codePoint, keepBreaks: true);
            i += units;
        }

        output.Write(made.ToString());
    }

    public override void Flush()
    {
        if (_half != 0)
        {
            (var half, _half) = (_half, '\0');
            output.Write(HarmlessText.Line(half.ToString()));
        }

        output.Flush();
    }
}
