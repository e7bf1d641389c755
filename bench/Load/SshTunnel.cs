using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace OpenShell.Load;

/// <summary>
/// The peer: <c>ssh -R</c> with aes128-gcm to an sshd of its own, with keys made for the run, both on loopback.
/// A connection to a mouth goes sshd → ssh → target, as ours goes gateway → supervisor → target.
/// </summary>
internal sealed class SshTunnel : IDisposable
{
    private const string Cipher = "aes128-gcm@openssh.com";
    private static readonly TimeSpan StartTimeout = TimeSpan.FromSeconds(20);

    private readonly List<ChildProcess> _processes = [];

    /// <summary>Opens a tunnel with a mouth for each target port; the mouths are in <see cref="Mouths"/>.</summary>
    public static async Task<SshTunnel> OpenAsync(WorkDirectory work, IReadOnlyList<int> targets)
    {
        var tunnel = new SshTunnel();
        try
        {
            await tunnel.StartAsync(work, targets);
            return tunnel;
        }
        catch
        {
            tunnel.Dispose();
            throw;
        }
    }

    public Dictionary<int, int> Mouths { get; } = [];

    public async Task<SocketByteStream> ConnectAsync(int target)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(IPAddress.Loopback, Mouths[target]);
        return new SocketByteStream(socket);
    }

    public void Dispose() => _processes.ForEach(p => p.Dispose());

    private async Task StartAsync(WorkDirectory work, IReadOnlyList<int> targets)
    {
        await RunAsync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", work.File("host")]);
        await RunAsync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", work.File("user")]);
        File.Copy(work.File("user.pub"), work.File("authorized"));
        var port = FreePort();
        // Without root's own separation directory sshd does not start; it is made by the package's service only.
        Directory.CreateDirectory("/run/sshd");
        _processes.Add(new ChildProcess("/usr/sbin/sshd", [
            "-D", "-e", "-f", "/dev/null", "-h", work.File("host"), "-p", Text(port), "-o", "ListenAddress=127.0.0.1",
            "-o", $"AuthorizedKeysFile={work.File("authorized")}", "-o", "StrictModes=no", "-o", "UsePAM=no",
            "-o", "PermitRootLogin=yes", "-o", "PidFile=none", "-o", $"Ciphers={Cipher}",
        ]));
        await WaitForAsync(port);

        List<string> arguments =
        [
            "-N", "-T", "-F", "/dev/null", "-i", work.File("user"), "-p", Text(port), "-c", Cipher,
            "-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null", "-o", "ExitOnForwardFailure=yes",
            "-o", "LogLevel=ERROR",
        ];
        foreach (var target in targets)
        {
            Mouths[target] = FreePort();
            arguments.AddRange(["-R", $"127.0.0.1:{Text(Mouths[target])}:127.0.0.1:{Text(target)}"]);
        }

        arguments.Add($"{Environment.UserName}@127.0.0.1");
        _processes.Add(new ChildProcess("ssh", arguments, Console.Error.WriteLine));
        foreach (var mouth in Mouths.Values)
        {
            await WaitForAsync(mouth);
        }
    }

    private static async Task RunAsync(string program, string[] arguments)
    {
        using var process = System.Diagnostics.Process.Start(program, arguments);
        await process.WaitForExitAsync();
        if (process.ExitCode != 0)
        {
            throw new IOException($"{program} exited with {process.ExitCode}");
        }
    }

    private static async Task WaitForAsync(int port)
    {
        using var timeout = new CancellationTokenSource(StartTimeout);
        while (true)
        {
            using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            try
            {
                await socket.ConnectAsync(IPAddress.Loopback, port, timeout.Token);
                return;
            }
            catch (SocketException)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(50), timeout.Token);
            }
        }
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
