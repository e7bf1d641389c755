using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace OpenShell.Load;

/// <summary>An sshd of our own on loopback, with keys made for the run; disposing ends it and what was started with it.</summary>
internal sealed class SshServer : IDisposable
{
    private const string Cipher = "aes128-gcm@openssh.com";

    private readonly List<ChildProcess> _processes = [];
    private readonly WorkDirectory _work;
    private readonly int _port = FreePort();

    private SshServer(WorkDirectory work) => _work = work;

    /// <summary>Options of a client, up to but without the destination.</summary>
    public IReadOnlyList<string> ClientArguments =>
    [
        "-F", "/dev/null", "-i", _work.File("user"), "-p", Text(_port), "-c", Cipher,
        "-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null", "-o", "LogLevel=ERROR",
    ];

    /// <summary>The destination.</summary>
    public static string Destination => $"{Environment.UserName}@127.0.0.1";

    public static async Task<SshServer> StartAsync(WorkDirectory work)
    {
        var server = new SshServer(work);
        try
        {
            await server.StartAsync();
            return server;
        }
        catch
        {
            server.Dispose();
            throw;
        }
    }

    /// <summary>Starts a client that stays until this is disposed.</summary>
    public void StartClient(IEnumerable<string> arguments) => _processes.Add(new ChildProcess("ssh", arguments, Console.Error.WriteLine));

    public void Dispose()
    {
        // The clients first: a session of sshd outlives it, and holds the pipe that its end is waited for on.
        foreach (var process in Enumerable.Reverse(_processes))
        {
            process.Dispose();
        }
    }

    public static async Task WaitForAsync(int port)
    {
        await Until.TrueAsync(AnswersAsync, $"port {Text(port)} of ssh or sshd answers");

        async Task<bool> AnswersAsync()
        {
            using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            try
            {
                await socket.ConnectAsync(IPAddress.Loopback, port, Until.Stop);
                return true;
            }
            catch (SocketException)
            {
                return false;
            }
        }
    }

    public static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    public static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    private async Task StartAsync()
    {
        await MeasuredProcess.RunAsync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", _work.File("host")]);
        await MeasuredProcess.RunAsync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", _work.File("user")]);
        File.Copy(_work.File("user.pub"), _work.File("authorized"));
        // Without root's own separation directory sshd does not start; it is made by the package's service only.
        Directory.CreateDirectory("/run/sshd");
        _processes.Add(new ChildProcess("/usr/sbin/sshd", [
            "-D", "-e", "-f", "/dev/null", "-h", _work.File("host"), "-p", Text(_port), "-o", "ListenAddress=127.0.0.1",
            "-o", $"AuthorizedKeysFile={_work.File("authorized")}", "-o", "StrictModes=no", "-o", "UsePAM=no",
            "-o", "PermitRootLogin=yes", "-o", "PidFile=none", "-o", $"Ciphers={Cipher}", "-o", "Subsystem=sftp internal-sftp",
            // Looking up the name of 127.0.0.1 would be part of every connection.
            "-o", "UseDNS=no",
        ]));
        await WaitForAsync(_port);
    }
}
