using OpenShell.Linux;
using OpenShell.Linux.Descriptors;
using OpenShell.Linux.Programs;
using OpenShell.Linux.Sockets;
using OpenShell.Supervisor.Logs;

namespace OpenShell.Supervisor.Uplink;

/// <summary>
/// <c>openshell-supervisor uplink ENDPOINT</c>: QEMU starts it for each connection of the guest, with that connection as
/// standard input and output, and it copies bytes to and from the gateway. Two threads that block: nothing is
/// cheaper to start, and each direction ends on its own.
/// </summary>
internal static class UplinkCommand
{
    private const int BufferBytes = 64 * 1024;

    public static int Run(string endpoint)
    {
        if (UplinkAddress.TryParse(endpoint) is not { } address)
        {
            return Fail($"'{endpoint}' is no endpoint: expected unix:PATH or tcp:ADDRESS:PORT", ExitCodes.Usage);
        }

        using var gateway = NativeSocket.TryConnect(address, out var error);
        if (gateway is null)
        {
            return Fail($"cannot connect to {endpoint}: {Errno.Text(error)}", ExitCodes.Unavailable);
        }

        using var input = new FileDescriptor(0);
        using var output = new FileDescriptor(1);
        var toGateway = new Thread(() => Copy(input, gateway), maxStackSize: 256 * 1024) { IsBackground = true };
        toGateway.Start();
        var complete = Copy(gateway, output);
        if (complete)
        {
            // The guest may still be sending, as half-closed connections do.
            toGateway.Join();
        }

        return ExitCodes.Ok;
    }

    /// <summary>Copies to the end and passes the end on. False: one of the two broke.</summary>
    private static bool Copy(FileDescriptor from, FileDescriptor to)
    {
        var buffer = GC.AllocateUninitializedArray<byte>(BufferBytes);
        while (true)
        {
            var count = DescriptorIo.TryRead(from, buffer);
            if (count == -Errno.Again)
            {
                Poll.WaitReadable(from);
                continue;
            }

            if (count <= 0)
            {
                if (!NativeSocket.TryEndWrites(to))
                {
                    to.Dispose();
                }

                return count == 0;
            }

            if (!WriteAll(to, buffer.AsSpan(0, count)))
            {
                return false;
            }
        }
    }

    private static bool WriteAll(FileDescriptor to, ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            var count = DescriptorIo.TryWrite(to, bytes);
            if (count == -Errno.Again)
            {
                Poll.WaitWritable(to);
                continue;
            }

            if (count < 0)
            {
                return false;
            }

            bytes = bytes[count..];
        }

        return true;
    }

    private static int Fail(string message, int code)
    {
        // QEMU may hand the connection over as standard error as well; text must not end up in the guest's stream.
        var error = File.ResolveLinkTarget("/proc/self/fd/2", returnFinalTarget: false)?.Name;
        var output = File.ResolveLinkTarget("/proc/self/fd/1", returnFinalTarget: false)?.Name;
        if (error != output || error?.StartsWith("socket:", StringComparison.Ordinal) != true)
        {
            new SupervisorLog().Error(message);
        }

        return code;
    }
}
