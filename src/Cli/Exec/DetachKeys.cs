namespace OpenShell.Cli.Exec;

/// <summary>
/// Finds Ctrl-P Ctrl-Q in what is typed. Only these two, one right after the other: a Ctrl-P waits for the next key and
/// then goes through with it.
/// </summary>
/// <param name="readOnly">Nothing goes through, and Ctrl-C detaches too: it could mean nothing else.</param>
internal sealed class DetachKeys(bool readOnly)
{
    private const byte ControlC = 0x03;
    private const byte ControlP = 0x10;
    private const byte ControlQ = 0x11;

    private bool _waiting;

    /// <summary>Room that <see cref="Filter"/> needs for so many keys.</summary>
    public static int RoomFor(int count) => count + 1;

    /// <summary>Takes what was typed and says what goes through.</summary>
    /// <param name="typed">The keys.</param>
    /// <param name="passed">Receives what goes through; at least <see cref="RoomFor"/> bytes.</param>
    /// <param name="count">How many bytes go through.</param>
    /// <returns>True when it is time to detach; nothing after the keys that say so goes through.</returns>
    public bool Filter(ReadOnlySpan<byte> typed, Span<byte> passed, out int count)
    {
        count = 0;
        foreach (var key in typed)
        {
            if ((_waiting && key == ControlQ) || (readOnly && key == ControlC))
            {
                count = readOnly ? 0 : count;
                return true;
            }

            if (_waiting)
            {
                passed[count++] = ControlP;
            }

            _waiting = key == ControlP;
            if (!_waiting)
            {
                passed[count++] = key;
            }
        }

        count = readOnly ? 0 : count;
        return false;
    }
}
