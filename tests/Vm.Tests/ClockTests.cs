using System.Globalization;
using System.Net.Sockets;
using System.Text.RegularExpressions;
using OpenShell.Protocol.V1;
using OpenShell.TestKit;

namespace OpenShell.Vm;

/// <summary>A guest's clock follows the gateway's, whatever became of it since the boot.</summary>
public sealed partial class ClockTests : VmTest
{
    // As far as a clock may be off that was just set, on a host that has better things to do.
    private static readonly TimeSpan Near = TimeSpan.FromSeconds(3);

    protected override string[] GatewayArguments => ["--heartbeat-interval", "2"];

    [Test]
    public async Task Clock_SetWrongInTheGuest_IsRightAgain()
    {
        var sandbox = await BootAsync();
        var set = await ShellAsync(sandbox, "date -s '2020-01-01 00:00:00'");
        Assert.That(set.Text, Does.Contain("2020"));

        await BecomesRightAsync(sandbox);

        var request = new GetSandboxLogsRequest { WorkspaceScope = Scope.Default, Sandbox = sandbox.Metadata.Name, Sources = { "sandbox" } };
        await Eventually.BecomesTrueAsync(
            async () => (await Gateway.Client.GetSandboxLogsAsync(request)).Logs.Any(l => BehindPattern().IsMatch(l.Message)),
            () => "the log says how far the clock was behind");
    }

    // While a machine is paused no time passes in it. Its monitor takes one client, and the driver that a gateway runs is it.
    [Test]
    public async Task Clock_MachineWasPaused_IsRightAgain()
    {
        var sandbox = await BootAsync();
        await BecomesRightAsync(sandbox);
        Gateway.Signal("STOP");
        try
        {
            var driver = HostProcesses.Find($"openshell-driver-vm --socket {Directory.Path}").Single();
            await HostProcesses.SignalAsync(driver, "KILL");
            using var monitor = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            var path = System.IO.Directory.GetFiles(DriverState, "qmp", SearchOption.AllDirectories).Single();
            await monitor.ConnectAsync(new UnixDomainSocketEndPoint(path));
            await using var stream = new NetworkStream(monitor);
            using var reader = new StreamReader(stream);
            await AskAsync(stream, reader, "qmp_capabilities");
            await AskAsync(stream, reader, "stop");
            await Task.Delay(TimeSpan.FromSeconds(8));
            await AskAsync(stream, reader, "cont");
        }
        finally
        {
            Gateway.Signal("CONT");
        }

        await BecomesRightAsync(sandbox);
    }

    [GeneratedRegex("the clock was [0-9.]+ s behind")]
    private static partial Regex BehindPattern();

    private static async Task AskAsync(Stream stream, StreamReader reader, string command)
    {
        await stream.WriteAsync(System.Text.Encoding.ASCII.GetBytes($"{{\"execute\":\"{command}\"}}\n"));
        string? line;
        do
        {
            line = await Eventually.EndsAsync(reader.ReadLineAsync(), $"QMP answers {command}");
            Assert.That(line, Is.Not.Null.And.Not.Contains("\"error\""), command);
        }
        while (!line!.Contains("\"return\"", StringComparison.Ordinal));
    }

    private async Task BecomesRightAsync(Sandbox sandbox)
    {
        var seen = "";
        await Eventually.BecomesTrueAsync(
            async () =>
            {
                var before = DateTimeOffset.UtcNow;
                try
                {
                    seen = (await ShellAsync(sandbox, "date +%s")).Text.Trim();
                }
                catch (Grpc.Core.RpcException e)
                {
                    // Its session is on its way back.
                    seen = e.Status.Detail;
                    return false;
                }

                var guest = DateTimeOffset.FromUnixTimeSeconds(long.Parse(seen, CultureInfo.InvariantCulture));
                return guest >= before - Near && guest <= DateTimeOffset.UtcNow + Near;
            },
            () => $"the guest's clock is right; it says {seen}, and it is {DateTimeOffset.UtcNow.ToUnixTimeSeconds()}",
            TimeSpan.FromSeconds(60));
    }
}
