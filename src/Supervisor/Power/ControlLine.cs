using System.Text;
using OpenShell.Linux.Descriptors;
using OpenShell.Linux.Terminals;
using OpenShell.Supervisor.Polling;

namespace OpenShell.Supervisor.Power;

/// <summary>The second serial line, on which the driver asks for things, a word a line. A machine may have none.</summary>
internal sealed class ControlLine(EventLoop loop, string path)
{
    public const string DefaultPath = "/dev/ttyS1";

    private const string PowerOffWord = "poweroff";
    private const int LongestLine = 256;

    /// <summary>Completes when the driver asks to power off; never on a machine without the line.</summary>
    public async Task WaitForPowerOffAsync(CancellationToken cancellationToken)
    {
        var descriptor = new FileDescriptor(DescriptorIo.Open(
            path, DescriptorIo.OpenReadWrite | DescriptorIo.NoControllingTerminal | DescriptorIo.NonBlocking | DescriptorIo.CloseOnExec, 0));
        if (!descriptor.IsInvalid)
        {
            if (Terminal.GetAttributes(descriptor) is { } attributes)
            {
                Terminal.MakeRaw(descriptor, attributes);
            }

            using var line = loop.Register(descriptor);
            if (await ReadUntilPowerOffAsync(line, cancellationToken))
            {
                return;
            }
        }

        // Nodes exist for lines that the machine does not have.
        await Task.Delay(Timeout.Infinite, cancellationToken);
    }

    private static async Task<bool> ReadUntilPowerOffAsync(PolledDescriptor line, CancellationToken cancellationToken)
    {
        var word = new StringBuilder();
        var buffer = new byte[LongestLine];
        while (true)
        {
            var count = await line.ReadAsync(buffer, cancellationToken);
            if (count == 0)
            {
                return false;
            }

            foreach (var character in buffer.AsSpan(0, count))
            {
                if (character is (byte)'\n' or (byte)'\r')
                {
                    if (word.ToString() == PowerOffWord)
                    {
                        return true;
                    }

                    word.Clear();
                }
                else if (word.Length < LongestLine)
                {
                    word.Append((char)character);
                }
            }
        }
    }
}
