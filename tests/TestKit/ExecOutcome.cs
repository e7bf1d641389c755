using System.Text;
using Grpc.Core;
using OpenShell.Protocol.V1;

namespace OpenShell.TestKit;

/// <summary>What a command printed and how it ended.</summary>
public sealed record ExecOutcome(byte[] Stdout, byte[] Stderr, ExecSandboxExit? Exit)
{
    /// <summary>stdout as text.</summary>
    public string Text => Encoding.UTF8.GetString(Stdout);

    /// <summary>stderr as text.</summary>
    public string ErrorText => Encoding.UTF8.GetString(Stderr);

    /// <summary>Reads events until one of them has output, and returns it.</summary>
    public static async Task<string> FirstOutputAsync(IAsyncStreamReader<ExecSandboxEvent> events)
    {
        while (await Eventually.EndsAsync(events.MoveNext(CancellationToken.None), "the next event of the command"))
        {
            if (events.Current.Stdout is { } stdout)
            {
                return stdout.Data.ToStringUtf8();
            }
        }

        throw new AssertionException("the command ended without output");
    }

    /// <summary>Reads the events of a call to their end.</summary>
    public static async Task<ExecOutcome> ReadAsync(IAsyncStreamReader<ExecSandboxEvent> events, CancellationToken cancellationToken)
    {
        using var stdout = new MemoryStream();
        using var stderr = new MemoryStream();
        ExecSandboxExit? exit = null;
        await foreach (var next in events.ReadAllAsync(cancellationToken))
        {
            Assert.That(exit, Is.Null, "nothing comes after the exit event");
            switch (next.PayloadCase)
            {
                case ExecSandboxEvent.PayloadOneofCase.Stdout:
                    next.Stdout.Data.WriteTo(stdout);
                    break;
                case ExecSandboxEvent.PayloadOneofCase.Stderr:
                    next.Stderr.Data.WriteTo(stderr);
                    break;
                case ExecSandboxEvent.PayloadOneofCase.Exit:
                    exit = next.Exit;
                    break;
            }
        }

        return new ExecOutcome(stdout.ToArray(), stderr.ToArray(), exit);
    }
}
