using System.Net;
using System.Net.Sockets;

namespace OpenShell.TestKit;

/// <summary>Ports for programs that cannot choose one themselves.</summary>
public static class TestPort
{
    /// <summary>A TCP port of 127.0.0.1 on which nothing listens now.</summary>
    public static int Free()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
