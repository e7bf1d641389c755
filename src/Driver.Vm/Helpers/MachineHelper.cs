using System.Buffers.Binary;
using System.Net.Sockets;
using OpenShell.Driver.Vm.Records;
using OpenShell.Linux.Processes;

namespace OpenShell.Driver.Vm.Helpers;

/// <summary>
/// A connection to the process that is the uplink and the console of a machine. Nothing is said on it: it ends when that
/// process does. Disposing closes the connection only.
/// </summary>
internal sealed class MachineHelper : IDisposable
{
    private const int SocketLevel = 1;
    private const int PeerCredentials = 17;
    private const int CredentialsLength = 12;

    private readonly Socket _socket;

    private MachineHelper(Socket socket, ProcessIdentity process)
    {
        _socket = socket;
        Process = process;
        Ended = WaitForEndAsync();
    }

    public ProcessIdentity Process { get; }

    /// <summary>Completes when the process has ended, or this was disposed.</summary>
    public Task Ended { get; }

    /// <summary>Finds the helper of a machine; null if none listens.</summary>
    public static MachineHelper? TryConnect(SandboxLayout layout)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            socket.Connect(new UnixDomainSocketEndPoint(layout.HelperSocketPath));

            // Of a process that listens these are its own, whether or not it has accepted us yet.
            Span<byte> credentials = stackalloc byte[CredentialsLength];
            socket.GetRawSocketOption(SocketLevel, PeerCredentials, credentials);
            if (ProcessIdentity.TryRead(BinaryPrimitives.ReadInt32LittleEndian(credentials)) is { } process)
            {
                return new MachineHelper(socket, process);
            }
        }
        catch (SocketException)
        {
            // No helper listens there, or none any longer.
        }

        socket.Dispose();
        return null;
    }

    /// <summary>Waits until it has ended, which it does by itself when its QEMU has; kills it if it does not.</summary>
    public async Task EndAsync(TimeSpan timeout, TimeProvider time)
    {
        if (!await Process.WaitForEndAsync(timeout, time, CancellationToken.None))
        {
            Process.Kill();
            await Process.WaitForEndAsync(timeout, time, CancellationToken.None);
        }
    }

    public void Dispose() => _socket.Dispose();

    private async Task WaitForEndAsync()
    {
        try
        {
            while (await _socket.ReceiveAsync(new byte[1]) > 0)
            {
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // As good as its end.
        }
    }
}
