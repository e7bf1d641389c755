using System.Text;

namespace OpenShell.Driver.Vm.Guest;

/// <summary>The end of a console log, fit for a message: the guest decides what is in it.</summary>
internal static class ConsoleTail
{
    private const int MaxLines = 20;
    private const int MaxBytes = 4096;

    /// <summary>At most the last 20 lines and 4 KiB, without control characters; empty if there are none.</summary>
    public static string Read(string path)
    {
        if (!File.Exists(path))
        {
            return "";
        }

        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        var length = (int)Math.Min(file.Length, MaxBytes);
        var bytes = new byte[length];
        file.Seek(-length, SeekOrigin.End);
        file.ReadExactly(bytes);
        var lines = Encoding.UTF8.GetString(bytes)
            .Split('\n')
            .Select(Clean)
            .Where(line => line.Length > 0)
            .TakeLast(MaxLines);
        return string.Join('\n', lines);
    }

    /// <summary>Without escape sequences (they would act on the reader's terminal) and other control characters.</summary>
    private static string Clean(string line)
    {
        var text = new StringBuilder(line.Length);
        for (var i = 0; i < line.Length; i++)
        {
            if (line[i] == '\e')
            {
                i = SkipEscapeSequence(line, i);
            }
            else if (!char.IsControl(line[i]) && line[i] != '\uFFFD')
            {
                text.Append(line[i]);
            }
        }

        return text.ToString().TrimEnd();
    }

    /// <summary>The position of the last character of the sequence that begins at a position.</summary>
    private static int SkipEscapeSequence(string line, int start)
    {
        if (start + 1 >= line.Length || line[start + 1] != '[')
        {
            return Math.Min(start + 1, line.Length - 1);
        }

        // A control sequence ends with the first character from @ to ~.
        var end = start + 2;
        while (end < line.Length && line[end] is not (>= '@' and <= '~'))
        {
            end++;
        }

        return Math.Min(end, line.Length - 1);
    }
}
