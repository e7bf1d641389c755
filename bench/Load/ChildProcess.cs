using System.Diagnostics;

namespace OpenShell.Load;

/// <summary>A process of ours; disposing kills it. What it writes is passed on to a handler, line by line.</summary>
internal sealed class ChildProcess : IDisposable
{
    private readonly Process _process;

    public ChildProcess(string program, IEnumerable<string> arguments, Action<string>? onLine = null)
    {
        _process = Children.Start(new ProcessStartInfo(program, arguments)
        {
            RedirectStandardError = true,
            RedirectStandardOutput = true,
            RedirectStandardInput = true,
        });
        _process.ErrorDataReceived += Handle;
        _process.OutputDataReceived += Handle;
        _process.StandardInput.Close();
        _process.BeginErrorReadLine();
        _process.BeginOutputReadLine();

        void Handle(object sender, DataReceivedEventArgs line)
        {
            if (line.Data is { } text)
            {
                onLine?.Invoke(text);
            }
        }
    }

    public int Pid => _process.Id;

    /// <summary>Pid of the one process that it has started, as unshare does.</summary>
    public int OnlyChild() =>
        int.Parse(File.ReadAllText($"/proc/{Pid}/task/{Pid}/children").Trim(), System.Globalization.CultureInfo.InvariantCulture);

    /// <summary>As kill -9.</summary>
    public void Kill() => Children.End(_process);

    public void Dispose()
    {
        Kill();
        _process.Dispose();
    }
}
