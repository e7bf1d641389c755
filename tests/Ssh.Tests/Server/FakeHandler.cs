using OpenShell.Protocol.Exec;
using OpenShell.Protocol.Extensions.V1;
using OpenShell.Ssh.Abstractions;

namespace OpenShell.Ssh.Tests.Server;

/// <summary>Work without processes: a command is answered with itself, "refused" does not start.</summary>
internal sealed class FakeHandler : ISshConnectionHandler
{
    public const string Refused = "refused";
    public const string Defect = "defect";

    public CancellationToken Ended { get; init; }

    /// <summary>What a client that wants to listen gets, and when.</summary>
    public Task<ISshForwardListener?> Listener { get; init; } = Task.FromResult<ISshForwardListener?>(null);

    public bool IsDisposed { get; private set; }

    public async Task RunAsync(ExecStart start, IExecFrames frames, CancellationToken gone)
    {
        var command = start.Argv[^1];
        if (command == Refused)
        {
            await frames.WriteAsync(ExecFrameType.Exit, new ExecExit { Failure = ExecFailure.NotFound }, gone);
            return;
        }

        if (command == Defect)
        {
            throw new InvalidOperationException(command);
        }

        await frames.WriteAsync(ExecFrameType.Started, new ExecStarted { Pid = 1 }, gone);
        await frames.WriteAsync(ExecFrameType.Stdout, System.Text.Encoding.UTF8.GetBytes(command), gone);
        await frames.WriteAsync(ExecFrameType.Exit, new ExecExit { Code = 7 }, gone);
    }

    public ExecStart? FindSubsystem(string name) => null;

    public Task<ISshForwardTarget?> ConnectAsync(string host, int port, CancellationToken cancellationToken) => Task.FromResult<ISshForwardTarget?>(null);

    public Task<ISshForwardListener?> ListenAsync(string host, int port, CancellationToken cancellationToken) => Listener;

    public void Dispose() => IsDisposed = true;
}
