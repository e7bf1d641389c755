using System.Text;
using Microsoft.Win32.SafeHandles;
using OpenShell.Cli.Text;
using OpenShell.Linux.Terminals;

namespace OpenShell.Cli.Context;

/// <summary>The three standard streams, as bytes and as text. Data goes to Out; progress, messages and errors to Error.</summary>
internal sealed class CliConsole
{
    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false);

    public CliConsole(SafeFileHandle input, Stream outStream, Stream errorStream)
    {
        Input = input;
        OutStream = outStream;
        ErrorStream = errorStream;
        Out = new HarmlessWriter(new StreamWriter(outStream, Utf8) { AutoFlush = true });
        var error = new HarmlessWriter(new StreamWriter(errorStream, Utf8) { AutoFlush = true });
        Error = error;
        Display = error.Raw;
    }

    public SafeFileHandle Input { get; }

    /// <summary>The descriptor under <see cref="OutStream"/>; an invalid one where there is none.</summary>
    public SafeFileHandle Output { get; init; } = new(-1, ownsHandle: false);

    public Stream OutStream { get; }

    public Stream ErrorStream { get; }

    /// <summary>Text for people or programs; <see cref="OutStream"/> is for the bytes of a command in the sandbox.</summary>
    public TextWriter Out { get; }

    /// <summary>Text for people.</summary>
    public TextWriter Error { get; }

    /// <summary>Standard error for displays that move the cursor; each text in them goes through <see cref="SafeText"/>.</summary>
    public TextWriter Display { get; }

    public bool InputIsTerminal { get; init; }

    public bool OutIsTerminal { get; init; }

    public bool ErrorIsTerminal { get; init; }

    /// <summary>Writes to standard output, a terminal, what takes the place of what is there.</summary>
    /// <param name="control">A sequence of ours.</param>
    /// <param name="text">Goes through what makes it harmless.</param>
    public void WriteFrame(string control, string text)
    {
        OutStream.Write(Encoding.UTF8.GetBytes(control));
        Out.Write(text);
    }

    /// <summary>Descriptors 0, 1 and 2 of this process.</summary>
    public static CliConsole OfProcess()
    {
        var input = new SafeFileHandle(0, ownsHandle: false);
        var output = new SafeFileHandle(1, ownsHandle: false);
        var error = new SafeFileHandle(2, ownsHandle: false);
        return new CliConsole(input, new DescriptorStream(output), new DescriptorStream(error))
        {
            Output = output,
            InputIsTerminal = Terminal.IsTerminal(input),
            OutIsTerminal = Terminal.IsTerminal(output),
            ErrorIsTerminal = Terminal.IsTerminal(error),
        };
    }
}
