using System.Diagnostics;

namespace OpenShell.Load;

/// <summary>A program whose output and end are waited for. Disposing kills it if it still runs.</summary>
internal sealed class MeasuredProcess : IDisposable
{
    private readonly string _name;
    private readonly Process _process;

    public MeasuredProcess(string program, IEnumerable<string> arguments)
    {
        _name = Path.GetFileName(program);
        _process = Children.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true });
    }

    /// <summary>What it writes. Whoever reads waits with a bound of its own.</summary>
    public Stream Output => _process.StandardOutput.BaseStream;

    /// <summary>Runs a program to its end.</summary>
    /// <inheritdoc cref="ReadToEndAsync"/>
    public static async Task<string> RunAsync(string program, params IEnumerable<string> arguments)
    {
        using var run = new MeasuredProcess(program, arguments);
        return await run.ReadToEndAsync();
    }

    /// <summary>Waits for its end.</summary>
    /// <returns>The rest of what it has written.</returns>
    /// <exception cref="IOException">It failed.</exception>
    public async Task<string> ReadToEndAsync()
    {
        var output = await Until.EndsAsync(_process.StandardOutput.ReadToEndAsync(Until.Stop), $"{_name} ends its output");
        await Until.EndsAsync(_process.WaitForExitAsync(), $"{_name} ends");
        return _process.ExitCode == 0 ? output : throw new IOException($"{_name} exited with {_process.ExitCode}");
    }

    public void Dispose()
    {
        Children.End(_process);
        _process.Dispose();
    }
}
