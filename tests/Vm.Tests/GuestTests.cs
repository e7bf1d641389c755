using System.Globalization;
using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using OpenShell.Protocol.V1;
using OpenShell.TestKit;

namespace OpenShell.Vm;

/// <summary>What a sandbox is like from inside, and what the host sees of it.</summary>
public sealed class GuestTests : VmTest
{
    [Test]
    public async Task Pid1_IsTheSupervisor_AndSmall()
    {
        var sandbox = await BootAsync();
        var outcome = await ShellAsync(sandbox, "readlink /proc/1/exe; cat /proc/1/comm; awk '/^VmRSS|^RssAnon/ {print $2}' /proc/1/status");
        var lines = outcome.Text.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.That(lines[1], Is.EqualTo("init"));
        // The rest of what is resident are pages of the program, which the initramfs holds in memory whether used or not; nearly
        // all 15 MB of them are touched (docs/performance.md).
        Assert.That(int.Parse(lines[^1], CultureInfo.InvariantCulture), Is.LessThanOrEqualTo(6 * 1024), "KiB of its own");
        Assert.That(int.Parse(lines[^2], CultureInfo.InvariantCulture), Is.LessThanOrEqualTo(20 * 1024), "resident KiB");
    }

    [Test]
    public void Supervisor_Binary_IsStaticAndSmall()
    {
        var path = TestPaths.Program("openshell-supervisor");
        Assert.That(new FileInfo(path).Length, Is.LessThanOrEqualTo(20 * 1024 * 1024));
        Assert.That(HasInterpreter(File.ReadAllBytes(path)), Is.False, "a static executable names no dynamic loader");
    }

    [Test]
    public async Task Guest_Sockets_NothingListensBeyondLoopback()
    {
        var sandbox = await BootAsync();
        // State 0A is LISTEN; udp sockets that are bound show up with state 07.
        var outcome = await ShellAsync(
            sandbox, "cat /proc/net/tcp /proc/net/tcp6 /proc/net/udp /proc/net/udp6 2>/dev/null | awk '$4==\"0A\" || $4==\"07\" {print $2}'");
        var beyondLoopback = outcome.Text.Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Where(a => !a.StartsWith("0100007F", StringComparison.Ordinal));
        Assert.That(beyondLoopback, Is.Empty);
    }

    [Test]
    public async Task Guest_Network_NothingAnswersButTheUplink()
    {
        using var everywhere = new TcpListener(IPAddress.Any, 0);
        everywhere.Start();
        var port = ((IPEndPoint)everywhere.LocalEndpoint).Port;
        var sandbox = await BootAsync();
        var addresses = NetworkInterface.GetAllNetworkInterfaces()
            .SelectMany(n => n.GetIPProperties().UnicastAddresses)
            .Select(a => a.Address)
            .Where(a => a.AddressFamily == AddressFamily.InterNetwork)
            .Select(a => a.ToString())
            .Append("10.0.2.2").Append("10.0.2.3").Append("10.0.2.100").Distinct();
        foreach (var address in addresses)
        {
            // 127.0.0.1 is the guest's own.
            var outcome = await ShellAsync(sandbox, $"nc -w 2 {address} {port} </dev/null >/dev/null; echo $?");
            Assert.That(outcome.Text.Trim(), Is.Not.EqualTo("0"), $"{address}:{port} of the host must not answer");
        }

        Assert.That(everywhere.Pending(), Is.False, "the host's listener was never reached");
        // What it says is the gateway's, and no error of nc.
        var uplink = await ShellAsync(sandbox, "nc -w 60 10.0.2.100 17670 </dev/null >/dev/null; echo $?");
        Assert.That(uplink.Text.Trim(), Is.EqualTo("0"), "the uplink answers");
    }

    [Test]
    public async Task Secrets_TokenAndEnvironment_AreInNoProcessAndNoFile()
    {
        const string Secret = "s3cret-value-of-a-user";
        var sandbox = await BootAsync(new SandboxSpec { Environment = { ["API_KEY"] = Secret } });
        Assert.That((await ShellAsync(sandbox, "printf %s \"$API_KEY\"")).Text, Is.EqualTo(Secret));
        foreach (var (pid, commandLine, environment) in HostProcesses.All())
        {
            Assert.That(commandLine, Does.Not.Contain(Secret).And.Not.Contain("eyJhbGciOi"), $"argv of {pid}");
            Assert.That(environment, Does.Not.Contain(Secret).And.Not.Contain("eyJhbGciOi"), $"environment of {pid}");
        }

        Assert.That(Gateway.Log, Does.Not.Contain(Secret).And.Not.Contain("eyJhbGciOi"));
        foreach (var log in System.IO.Directory.EnumerateFiles(DriverState, "console.log", SearchOption.AllDirectories))
        {
            Assert.That(await File.ReadAllTextAsync(log), Does.Not.Contain(Secret).And.Not.Contain("eyJhbGciOi"));
        }

        Assert.That(
            System.IO.Directory.EnumerateFiles(DriverState, "config", SearchOption.AllDirectories), Is.Empty,
            "the guest's configuration is gone once it has been read");
    }

    [Test]
    public async Task Exec_InAMachine_ArgumentsUsersAndTerminal()
    {
        var sandbox = await BootAsync();
        var request = new ExecSandboxRequest { WorkspaceScope = Scope.Default, Sandbox = sandbox.Metadata.Name, Command = { "/bin/sh", "-c", "id -un; pwd; tty; stty size" }, User = "sandbox", Tty = true, Cols = 90, Rows = 20 };
        var outcome = await Gateway.ExecAsync(request);
        // The login shell that the sandbox was made with has a terminal, too.
        Assert.That(outcome.Text, Does.Match(@"^sandbox\r\n/home/sandbox\r\n/dev/pts/[01]\r\n20 90\r\n$"));
        Assert.That((await ShellAsync(sandbox, "exit 42")).Exit!.ExitCode, Is.EqualTo(42));
        Assert.That((await ShellAsync(sandbox, "head -c 8388608 /dev/zero")).Stdout, Has.Length.EqualTo(8388608));
    }

    // Program header type 3 is PT_INTERP; offsets are those of a 64-bit ELF header.
    private static bool HasInterpreter(byte[] elf)
    {
        var table = BitConverter.ToInt64(elf, 32);
        var (size, count) = (BitConverter.ToUInt16(elf, 54), BitConverter.ToUInt16(elf, 56));
        return Enumerable.Range(0, count).Any(i => BitConverter.ToInt32(elf, (int)table + (i * size)) == 3);
    }
}
