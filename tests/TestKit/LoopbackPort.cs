using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;

namespace OpenShell.TestKit;

/// <summary>TCP ports of this machine's loopback interface.</summary>
public static class LoopbackPort
{
    /// <summary>One that nobody listens on at the moment.</summary>
    public static int FindFree()
    {
        using var socket = Listen();
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }

    /// <summary>Listens on any.</summary>
    public static Socket Listen()
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        socket.Listen();
        return socket;
    }

    /// <summary>Whether somebody listens on it.</summary>
    public static bool IsListening(int port) =>
        IPGlobalProperties.GetIPGlobalProperties().GetActiveTcpListeners().Any(endpoint => endpoint.Port == port);

    /// <summary>A connection to it.</summary>
    public static async Task<Socket> ConnectAsync(int port)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(IPAddress.Loopback, port);
        return socket;
    }
}
