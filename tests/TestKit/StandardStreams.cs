using System.Diagnostics;

namespace OpenShell.TestKit;

/// <summary>Standard streams of a program that a test runs, as bytes.</summary>
internal static class StandardStreams
{
    /// <summary>All of its input, and the end of it; null leaves it open and empty.</summary>
    public static async Task WriteInputAsync(Process process, byte[]? input)
    {
        if (input is null)
        {
            return;
        }

        try
        {
            await process.StandardInput.BaseStream.WriteAsync(input);
            process.StandardInput.Close();
        }
        catch (IOException)
        {
            // It ended without reading all of it.
        }
    }

    /// <summary>Reads a stream to its end.</summary>
    public static async Task<byte[]> ReadAsync(Stream stream)
    {
        using var all = new MemoryStream();
        await stream.CopyToAsync(all);
        return all.ToArray();
    }
}
