namespace OpenShell.Protocol.Exec;

/// <summary>
/// Finds the keys by which a client leaves a main process in what is typed: Ctrl-P Ctrl-Q, one right after the other
/// (a Ctrl-P is held back until the next key).
/// </summary>
/// <param name="readOnly">Nothing is passed on, and Ctrl-C detaches too.</param>
/// <param name="controlD">Ctrl-D detaches, so that it cannot end a shell that others use.</param>
public sealed class DetachKeys(bool readOnly, bool controlD = false)
{
    private const byte ControlC = 0x03;
    private const byte ControlD = 0x04;
    private const byte ControlP = 0x10;
    private const byte ControlQ = 0x11;

    private bool _waiting;

    /// <summary>Room that <see cref="Filter"/> needs for so many keys.</summary>
    public static int RoomFor(int count) => count + 1;

    /// <summary>Takes typed keys and passes on those that are not detach keys.</summary>
    /// <param name="passed">Receives the other keys; at least <see cref="RoomFor"/> bytes.</param>
    /// <returns>True when the detach keys were found; nothing after them is passed on.</returns>
    public bool Filter(ReadOnlySpan<byte> typed, Span<byte> passed, out int count)
    {
        count = 0;
        foreach (var key in typed)
        {
            if ((_waiting && key == ControlQ) || (readOnly && key == ControlC) || (controlD && key == ControlD))
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
