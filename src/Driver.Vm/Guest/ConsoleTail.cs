using System.Text;
using OpenShell.Protocol.Untrusted;

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

    private static string Clean(string line)
    {
        var text = EscapeSequences.Remove(line);
        return HarmlessText.Line(string.Concat(text.Where(c => !char.IsControl(c) && c != '\uFFFD'))).TrimEnd();
    }
}
