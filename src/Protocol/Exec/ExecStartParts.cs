using Google.Protobuf;
using OpenShell.Protocol.Extensions.V1;

namespace OpenShell.Protocol.Exec;

/// <summary>
/// A start that is too large for one frame. Protobuf merges repeated fields and maps by appending, so any cut between
/// two arguments or two variables gives the same message when the parts are merged in order.
/// </summary>
public static class ExecStartParts
{
    // What an item needs around its bytes: field tags and lengths, at most.
    private const int ItemOverhead = 32;
    private const int MaxItem = ExecFrames.MaxStart / 4;
    private const int PartBytes = ExecFrames.MaxStart / 2;

    /// <summary>The parts in order; just <paramref name="start"/> itself if it fits one frame.</summary>
    /// <exception cref="ArgumentException">One argument or variable alone has more than 512 KiB.</exception>
    public static IReadOnlyList<ExecStart> Split(ExecStart start)
    {
        if (start.CalculateSize() <= ExecFrames.MaxStart)
        {
            return [start];
        }

        var rest = start.Clone();
        rest.Argv.Clear();
        rest.Environment.Clear();
        List<ExecStart> parts = [rest];
        var room = PartBytes - rest.CalculateSize();
        foreach (var argument in start.Argv)
        {
            Reserve(parts, ref room, CodedOutputStream.ComputeStringSize(argument));
            parts[^1].Argv.Add(argument);
        }

        foreach (var (name, value) in start.Environment)
        {
            Reserve(parts, ref room, CodedOutputStream.ComputeStringSize(name) + CodedOutputStream.ComputeStringSize(value));
            parts[^1].Environment.Add(name, value);
        }

        return parts;
    }

    private static void Reserve(List<ExecStart> parts, ref int room, int bytes)
    {
        if (bytes > MaxItem)
        {
            throw new ArgumentException($"One argument or variable has {bytes} bytes; at most {MaxItem} can be sent.");
        }

        room -= bytes + ItemOverhead;
        if (room < 0)
        {
            parts.Add(new ExecStart());
            room = PartBytes - bytes - ItemOverhead;
        }
    }
}
