using OpenShell.Protocol.V1;
using OpenShell.TestKit;

namespace OpenShell.Vm.Hostile;

/// <summary>A driver where no network namespace may be made, as in a container that forbids them.</summary>
public sealed class FallbackTests : VmTest
{
    protected override string[] GatewayArguments => ["--driver-dir", Directory.File("driver")];

    protected override async Task PrepareAsync()
    {
        System.IO.Directory.CreateDirectory(Directory.File("driver"));
        var path = Directory.File("driver/openshell-driver-vm");
        await File.WriteAllTextAsync(path, $"""
            #!/bin/sh
            exec unshare -Ur sh -c 'echo 0 >/proc/sys/user/max_net_namespaces; exec "$0" "$@"' {TestPaths.Program("openshell-driver-vm")} "$@"

            """);
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    [Test]
    public async Task Machine_WithoutANamespace_WorksWithoutIPv6AndPeopleAreTold()
    {
        var sandbox = await BootAsync();

        var info = await Gateway.Client.GetGatewayInfoAsync(new GetGatewayInfoRequest());
        Assert.That(info.ComputeDrivers.Single().Capabilities.Warnings.Single(), Does.StartWith("machines share the host's network"));
        Assert.That(Gateway.Log, Does.Contain("machines share the host's network"), "said when it starts");
        Assert.That(HostProcesses.All().Single(p => p.Pid == QemuPid(sandbox)).CommandLine, Does.Contain("ipv6=off,restrict=on,guestfwd="));
        var six = await ShellAsync(sandbox, """
            ip -6 addr add fec0:0:a00:264::15/64 dev eth0; ip -6 route add fec0::/64 dev eth0
            while ip -6 addr show dev eth0 | grep -q tentative; do sleep 0.2; done
            ping -6 -c 1 -W 3 fec0::2 >/dev/null && echo answers
            nc -w 3 10.0.2.100 17670 </dev/null >/dev/null && echo uplink
            """);
        Assert.That(six.Text, Is.EqualTo("uplink\n"), six.ErrorText);
    }
}
