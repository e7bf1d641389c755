using System.Text.RegularExpressions;
using OpenShell.Protocol.V1;

namespace OpenShell.Vm.Hostile;

/// <summary>Where a guest gets that has everything its root can use: to the uplink.</summary>
public sealed partial class IsolationTests : HostileTest
{
    private HostNetwork _network = null!;

    protected override string[] GatewayArguments => ["--driver-dir", Directory.File("driver")];

    [SetUp]
    public override async Task StartAsync()
    {
        _network = await HostNetwork.MakeAsync(HostilePath);
        await base.StartAsync();
    }

    [TearDown]
    public override async Task StopAsync()
    {
        try
        {
            await base.StopAsync();
        }
        finally
        {
            await _network.DisposeAsync();
        }
    }

    protected override Task PrepareAsync() => _network.WriteDriverAsync(Directory.File("driver"));

    [Test]
    public async Task Guest_WhateverItSends_ReachesNothingButTheUplink()
    {
        var sandbox = await BootHostileAsync();

        // The guest's own IPv6 stack, with an address that slirp's restriction takes for the uplink's. Some of it may be there.
        var six = await ShellAsync(sandbox, """
            ip -6 addr add fec0:0:a00:264::15/64 dev eth0; ip -6 route add fec0::/64 dev eth0; ip -6 route add default via fec0::2 dev eth0
            while ip -6 addr show dev eth0 | grep -q tentative; do sleep 0.2; done
            for to in fec0::2 fec0::3 ADDRESS6; do nc -w 3 $to 17670 </dev/null && echo "$to answers"; done
            true
            """.Replace("ADDRESS6", HostNetwork.Address6, StringComparison.Ordinal));
        Assert.That((six.Text, six.Exit!.ExitCode), Is.EqualTo(("", 0)), six.ErrorText);

        Assert.That(_network.Seen, Is.Empty, "packets that arrived on the host");

        // Its own IPv4 stack, by way of whatever takes packets.
        var four = await ShellAsync(sandbox, """
            ip route add default via 10.0.2.100 dev eth0
            for to in ADDRESS 10.0.2.2 10.0.2.3 8.8.8.8; do for port in 22 53 40000; do nc -w 3 $to $port </dev/null && echo "$to $port answers"; done; done
            true
            """.Replace("ADDRESS", HostNetwork.Address, StringComparison.Ordinal));
        Assert.That((four.Text, four.Exit!.ExitCode), Is.EqualTo(("", 0)), four.ErrorText);

        var frames = await HostileAsync(sandbox, $"frames {HostNetwork.Address} {HostNetwork.Address6}");
        Assert.That(frames.Count(line => line.StartsWith("sent ", StringComparison.Ordinal)), Is.EqualTo(1));
        Assert.That(frames.Where(line => line.StartsWith("answer ", StringComparison.Ordinal)).Where(line => !Harmless().IsMatch(line)), Is.Empty);

        var ports = await HostileAsync(sandbox, "ports");
        Assert.That(ports, Is.EqualTo(new[] { "tried 65534" }));

        Assert.That(await _network.KnockAsync(), Is.Empty, "packets that arrived on the host");
        Assert.That((await ShellAsync(sandbox, "nc -w 5 10.0.2.100 17670 </dev/null")).Exit!.ExitCode, Is.Zero, "the uplink answers");
    }

    [Test]
    public async Task Qemu_OfAMachine_HasANamespaceWithNothingButALoopback()
    {
        var sandbox = await BootAsync();
        var qemu = QemuPid(sandbox);

        var interfaces = await HostProgram.RunAsync("nsenter", $"--net=/proc/{qemu}/ns/net", "ip", "-o", "link");
        var listeners = await HostProgram.RunAsync("sh", "-c", $"awk 'NR>1 && $4==\"0A\" {{print $2}}' /proc/{qemu}/net/tcp /proc/{qemu}/net/tcp6");

        Assert.That(interfaces.TrimEnd().Split('\n'), Has.Length.EqualTo(1).And.All.StartsWith("1: lo:"));
        Assert.That(listeners.Trim(), Is.EqualTo("0100007F:4506"), "127.0.0.1:17670");
        Assert.That(await File.ReadAllTextAsync($"/proc/{qemu}/task/{qemu}/children"), Is.Empty, "it starts nothing");
    }

    private async Task<string[]> HostileAsync(Sandbox sandbox, string arguments)
    {
        var outcome = await ShellAsync(sandbox, $"/root/hostile {arguments}");
        Assert.That(outcome.Exit!.ExitCode, Is.Zero, outcome.ErrorText);
        return outcome.Text.Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }

    // The loopback of QEMU's namespace, under all the names that reach it: the uplink, and echoes. And QEMU's network
    // library, which echoes for its two own addresses.
    [GeneratedRegex(@"\Aanswer (tcp \S+ 17670 syn ack|icmp (127\.0\.0\.\d+|0\.0\.0\.0|10\.0\.2\.3|10\.0\.2\.100) type 0)\z")]
    private static partial Regex Harmless();
}
