using System.IO.Pipelines;
using OpenShell.Ssh.Abstractions;
using OpenShell.Ssh.Loop;

namespace OpenShell.Ssh.Channels;

/// <summary>
/// A forwarded connection: direct-tcpip or forwarded-tcpip. It is closed when both directions have ended. A client that
/// has sent everything may close it before all of that has reached the target.
/// </summary>
internal sealed class StreamChannel(IChannelHost host, nint handle, ISshForwardTarget target) : SshChannel(host, handle)
{
    private readonly Pipe _output = NewOutput(host);
    private readonly LoopSignal _outputReady = new();
    private bool _allSent;

    /// <inheritdoc/>
    protected override bool EndsWork => _allSent || !ClientEnded || Host.IsClosed;

    /// <summary>Runs to the end of both directions, or until one breaks. The target is disposed then.</summary>
    public async Task RunAsync()
    {
        Host.Track(PumpInputAsync());
        using var both = CancellationTokenSource.CreateLinkedTokenSource(Gone);
        var output = SendOutputAsync();
        await using (target)
        {
            await Task.WhenAll(
                SendInputAsync(both),
                ThreadPoolHop.RunAsync(() => RunAsync(() => target.ReceiveAllAsync(_output.Writer, both.Token), both, _output.Writer)));
        }

        await Input.Reader.CompleteAsync();
        await output;
        SendClose();
    }

    /// <inheritdoc/>
    public override void Service()
    {
        base.Service();
        if (Handle != 0 && _outputReady.HasWaiter && Host.CanWrite(Handle))
        {
            _outputReady.Set();
        }
    }

    /// <inheritdoc/>
    protected override void OnGone()
    {
        base.OnGone();
        _output.Reader.CancelPendingRead();
        _outputReady.Set();
    }

    // One direction that breaks takes the other with it; one that ends does not.
    private static async Task RunAsync(Func<Task> direction, CancellationTokenSource both, PipeWriter? output = null)
    {
        try
        {
            await direction();
        }
        catch (Exception e) when (e is IOException or OperationCanceledException)
        {
            await both.CancelAsync();
        }

        if (output is not null)
        {
            await output.CompleteAsync();
        }
    }

    private async Task SendInputAsync(CancellationTokenSource both)
    {
        await ThreadPoolHop.RunAsync(() => RunAsync(() => target.SendAllAsync(Input.Reader, both.Token), both));
        _allSent = true;
        if (Handle == 0)
        {
            EndWork();
        }
    }

    private async Task SendOutputAsync()
    {
        await PumpOutputAsync(_output.Reader, _outputReady, isError: false);
        SendEnd();
    }
}
