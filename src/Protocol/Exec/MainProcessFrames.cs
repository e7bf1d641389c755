using System.Buffers;
using Google.Protobuf;
using OpenShell.Protocol.Extensions.V1;

namespace OpenShell.Protocol.Exec;

/// <summary>
/// A client that knows nothing of main processes (an SSH channel) as a client of one: attached is started to it, what it
/// has to know comes as a line on stderr, and it leaves with keys. That its input ends is no reason to end the process's.
/// </summary>
/// <param name="client">The client's frames.</param>
/// <param name="hasTerminal">Somebody types: Ctrl-D and Ctrl-P Ctrl-Q leave.</param>
public sealed class MainProcessFrames(IExecFrames client, bool hasTerminal) : IExecFrames
{
    /// <summary>The SSH subsystem of OpenShell that attaches to the main process.</summary>
    public const string Subsystem = "openshell-main";

    private volatile DetachKeys _keys = new(readOnly: false, controlD: true);
    private volatile bool _detached;
    private byte[] _passed = [];

    /// <summary>The client has left by its keys: reading ended with a frame of type None.</summary>
    public bool Detached => _detached;

    /// <inheritdoc/>
    public async ValueTask<ExecFramePart> ReadAsync(CancellationToken cancellationToken)
    {
        while (!_detached)
        {
            var part = await client.ReadAsync(cancellationToken).ConfigureAwait(false);
            switch (part.Type)
            {
                case ExecFrameType.StdinEnd:
                    break;
                case ExecFrameType.Stdin when hasTerminal:
                    if (Filter(part.Data) is { Length: > 0 } passed)
                    {
                        return part with { Data = new ReadOnlySequence<byte>(passed) };
                    }

                    break;
                default:
                    return part;
            }
        }

        return default;
    }

    /// <inheritdoc/>
    public ValueTask WriteAsync(ExecFrameType type, ReadOnlyMemory<byte> payload, CancellationToken cancellationToken) =>
        client.WriteAsync(type, payload, cancellationToken);

    /// <inheritdoc/>
    public async ValueTask WriteAsync(ExecFrameType type, IMessage message, CancellationToken cancellationToken)
    {
        switch (message)
        {
            case ExecAttached attached:
                _keys = new DetachKeys(readOnly: !attached.InputOwner, controlD: true);
                await client.WriteAsync(ExecFrameType.Started, new ExecStarted { Pid = attached.Pid }, cancellationToken).ConfigureAwait(false);
                if (!attached.InputOwner)
                {
                    await SayAsync("another client has the input of the main process; this one can only watch", cancellationToken)
                        .ConfigureAwait(false);
                }

                break;
            case ExecExit { Failure: not ExecFailure.Unspecified } failed:
                // A request that fails shows nothing of why, so it succeeds, and what it started says so and ends.
                await client.WriteAsync(ExecFrameType.Started, new ExecStarted(), cancellationToken).ConfigureAwait(false);
                await SayAsync(failed.Message, cancellationToken).ConfigureAwait(false);
                await client.WriteAsync(type, failed, cancellationToken).ConfigureAwait(false);
                break;
            default:
                await client.WriteAsync(type, message, cancellationToken).ConfigureAwait(false);
                break;
        }
    }

    /// <summary>Ends the channel of a client that has left.</summary>
    public async ValueTask EndAsync(CancellationToken cancellationToken)
    {
        await SayAsync("detached; the main process goes on", cancellationToken).ConfigureAwait(false);
        await client.WriteAsync(ExecFrameType.Exit, new ExecExit(), cancellationToken).ConfigureAwait(false);
    }

    private byte[]? Filter(ReadOnlySequence<byte> typed)
    {
        var keys = typed.ToArray();
        if (_passed.Length < DetachKeys.RoomFor(keys.Length))
        {
            _passed = new byte[DetachKeys.RoomFor(keys.Length)];
        }

        _detached = _keys.Filter(keys, _passed, out var count);
        return _passed.AsSpan(0, count).ToArray();
    }

    private ValueTask SayAsync(string text, CancellationToken cancellationToken) =>
        client.WriteAsync(ExecFrameType.Stderr, System.Text.Encoding.UTF8.GetBytes($"\r\nopenshell: {text}\r\n"), cancellationToken);
}
