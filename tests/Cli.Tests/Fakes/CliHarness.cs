using System.IO.Pipes;
using System.Text;
using Microsoft.Win32.SafeHandles;
using OpenShell.Cli.Context;
using OpenShell.TestKit;

namespace OpenShell.Cli.Tests.Fakes;

/// <summary>
/// Runs command lines in this process: its own directories and environment, captured output, and a pipe as input,
/// which is at its end unless <see cref="KeepInputOpen"/> is set.
/// </summary>
internal sealed class CliHarness : IDisposable
{
    public static readonly TimeSpan Limit = Eventually.Timeout;

    private readonly AnonymousPipeServerStream _input = new(PipeDirection.Out);
    private readonly SafeFileHandle _reader;

    public CliHarness()
    {
        _reader = new SafeFileHandle(_input.ClientSafePipeHandle.DangerousGetHandle(), ownsHandle: true);
        _input.ClientSafePipeHandle.SetHandleAsInvalid();
        Root = Directory.CreateTempSubdirectory("openshell-cli-").FullName;
        Environment["HOME"] = Root;
        Environment["XDG_CONFIG_HOME"] = Path.Combine(Root, "config");
        Environment["XDG_STATE_HOME"] = Path.Combine(Root, "state");
        Environment["OPENSHELL_SYSTEM_GATEWAY_DIR"] = SystemDirectory;
        Signals = new SignalSource(TimeProvider.System, code => ForcedExit = code);
    }

    public string Root { get; }

    public string ConfigDirectory => Path.Combine(Root, "config", "openshell");

    public string SystemDirectory => Path.Combine(Root, "etc");

    public Dictionary<string, string> Environment { get; } = [];

    public SignalSource Signals { get; }

    public int? ForcedExit { get; private set; }

    public bool KeepInputOpen { get; set; }

    public bool ErrorIsTerminal { get; set; }

    public bool OutIsTerminal { get; set; }

    public Stream Input => _input;

    public CaptureStream Out { get; private set; } = new();

    public CaptureStream Error { get; private set; } = new();

    public void Use(FakeGateway gateway) => Environment["OPENSHELL_GATEWAY_ENDPOINT"] = gateway.Endpoint;

    public async Task<CliResult> RunAsync(params string[] args)
    {
        Out = new CaptureStream();
        Error = new CaptureStream();
        if (!KeepInputOpen)
        {
            await _input.DisposeAsync();
        }

        var run = CliApplication.RunAsync(args, NewContext());
        if (await Task.WhenAny(run, Task.Delay(Limit)) != run)
        {
            throw new TimeoutException($"'openshell {string.Join(' ', args)}' did not end within {Limit}; output: {Out.Text} {Error.Text}");
        }

        return new CliResult(await run, Out.Text, Error.Text);
    }

    /// <summary>A context of its own, with the captured output of the next run.</summary>
    public CliContext NewContext()
    {
        var console = new CliConsole(_reader, Out, Error) { OutIsTerminal = OutIsTerminal, ErrorIsTerminal = ErrorIsTerminal };
        return new CliContext(console, CliEnvironment.Of(Environment), TimeProvider.System, Signals);
    }

    public string WriteFile(string name, string content, UnixFileMode mode = UnixFileMode.UserRead | UnixFileMode.UserWrite)
    {
        var path = Path.Combine(Root, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, content);
        File.SetUnixFileMode(path, mode);
        return path;
    }

    /// <summary>So many bytes of <see cref="Input"/> that nobody has read.</summary>
    public string ReadLeftInput(int count)
    {
        using var left = new FileStream(_reader, FileAccess.Read, bufferSize: 0);
        var bytes = new byte[count];
        left.ReadExactly(bytes);
        return Encoding.UTF8.GetString(bytes);
    }

    /// <summary>Makes a write to <see cref="Input"/> that waits fail.</summary>
    public void CloseInputReader() => _reader.Dispose();

    public void Dispose()
    {
        _reader.Dispose();
        _input.Dispose();
        Signals.Dispose();
        Directory.Delete(Root, recursive: true);
    }
}

internal sealed record CliResult(int ExitCode, string Out, string Error);
