using System.ComponentModel;
using System.Diagnostics;

namespace OpenShell.Load;

/// <summary>Every process that the run has started and that has not ended, for the end of the run, whatever led to it.</summary>
internal static class Children
{
    private static readonly Lock Gate = new();
    private static readonly HashSet<Process> Running = [];
    private static bool _closed;

    /// <summary>Starts one. Whoever does it calls <see cref="End"/>.</summary>
    /// <exception cref="IOException">It cannot be started.</exception>
    /// <exception cref="OperationCanceledException">The run is over.</exception>
    public static Process Start(ProcessStartInfo start)
    {
        lock (Gate)
        {
            if (_closed)
            {
                throw new OperationCanceledException("The run is over.");
            }

            try
            {
                var process = Process.Start(start)!;
                Running.Add(process);
                return process;
            }
            catch (Win32Exception e)
            {
                throw new IOException($"{start.FileName} cannot be started: {e.Message}");
            }
        }
    }

    /// <summary>Kills it if it still runs.</summary>
    public static void End(Process process)
    {
        lock (Gate)
        {
            Running.Remove(process);
        }

        if (!process.HasExited)
        {
            process.Kill();
            // With a limit it does not wait for the end of the outputs too, which others may hold.
            process.WaitForExit(Until.Limit);
        }
    }

    /// <summary>Kills all, and lets no other begin.</summary>
    public static void EndAll()
    {
        Process[] running;
        lock (Gate)
        {
            _closed = true;
            running = [.. Running];
        }

        foreach (var process in running)
        {
            try
            {
                End(process);
            }
            catch (InvalidOperationException)
            {
                // Whoever started it has ended it, and let go of it, meanwhile.
            }
        }
    }
}
