using System.Diagnostics;
using System.Globalization;
using System.Text;
using OpenShell.Linux.Processes;

namespace OpenShell.Driver.Vm.Processes;

/// <summary>
/// A program of ours that is being started and will outlive this process: it says "ready" on its standard output, or ends
/// with its reason on standard error. Disposing kills it, unless it was detached.
/// </summary>
internal sealed class StartingProcess : IAsyncDisposable
{
    private const string Ready = "ready";
    private const int ErrorLength = 2000;

    private readonly Process _process;
    private readonly CancellationTokenSource _stopReading = new();
    private readonly StringBuilder _error = new();
    private readonly Task _reading;
    private bool _detached;

    private StartingProcess(Process process)
    {
        _process = process;
        _reading = ReadErrorAsync();
        Exited = process.WaitForExitAsync();
    }

    /// <summary>The process; null if it has ended.</summary>
    public ProcessIdentity? Identity => ProcessIdentity.TryRead(_process.Id);

    /// <summary>Completes when it has ended.</summary>
    public Task Exited { get; }

    public int ExitCode => _process.ExitCode;

    /// <summary>Starts a program with nothing of our environment but PATH.</summary>
    /// <exception cref="IOException">There is no such program, or it may not be run.</exception>
    public static StartingProcess Start(string program, IReadOnlyList<string> arguments)
    {
        var info = new ProcessStartInfo(program, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        var path = info.Environment["PATH"];
        info.Environment.Clear();
        info.Environment["PATH"] = path;
        try
        {
            return new StartingProcess(Process.Start(info)!);
        }
        catch (System.ComponentModel.Win32Exception e)
        {
            throw new IOException($"{program} cannot be started: {e.Message}", e);
        }
    }

    /// <summary>Waits until it says that it is ready.</summary>
    /// <returns>Null if it did; otherwise why not, in its own words.</returns>
    public async Task<string?> WaitUntilReadyAsync(CancellationToken cancellationToken) =>
        await _process.StandardOutput.ReadLineAsync(cancellationToken) == Ready ? null : await DescribeEndAsync(cancellationToken);

    /// <summary>Tells it to go on, and that nothing more will be said.</summary>
    public async Task ContinueAsync()
    {
        await _process.StandardInput.WriteAsync('\n');
        _process.StandardInput.Close();
    }

    /// <summary>Why it ended; waits for its end.</summary>
    public async Task<string> DescribeEndAsync(CancellationToken cancellationToken)
    {
        await Exited.WaitAsync(cancellationToken);
        await _reading.WaitAsync(cancellationToken);
        var error = _error.ToString().Trim();
        return error.Length > 0
            ? error
            : string.Create(CultureInfo.InvariantCulture, $"it ended with exit code {ExitCode} and without a message");
    }

    /// <summary>It is started, and outlives this object; what it still writes to standard error is lost.</summary>
    public void Detach() => _detached = true;

    public async ValueTask DisposeAsync()
    {
        if (!_detached)
        {
            _process.Kill();
            await Exited;
        }

        await _stopReading.CancelAsync();
        await _reading;
        _stopReading.Dispose();
        _process.Dispose();
    }

    /// <summary>Keeps its beginning, and reads on, so that a process that writes more is not held up.</summary>
    private async Task ReadErrorAsync()
    {
        var buffer = new char[1024];
        try
        {
            while (await _process.StandardError.ReadAsync(buffer, _stopReading.Token) is > 0 and var count)
            {
                _error.Append(buffer, 0, Math.Min(count, ErrorLength - _error.Length));
            }
        }
        catch (Exception e) when (e is OperationCanceledException or IOException)
        {
            // Nobody wants to know any more.
        }
    }
}
