using System.Net;
using System.Net.Sockets;
using Grpc.Core;
using OpenShell.Protocol.V1;
using OpenShell.TestKit;

namespace OpenShell.Functional;

/// <summary>
/// A connection that is cut without a word: the supervisor runs in a network namespace, and its link goes down. Needs
/// root.
/// </summary>
public sealed class NetworkFaultTests : FaultTest
{
    // A pair of addresses of its own for each process, in the range for benchmarks.
    private static readonly int Block = Environment.ProcessId % 250;
    private readonly string _namespace = $"os-t-{Environment.ProcessId}";
    private readonly string _link = $"ost{Environment.ProcessId}";
    private readonly int _port = FreePort();

    private string Endpoint => $"tcp:198.18.{Block}.1:{_port}";

    protected override string[] GatewayArguments => ["--heartbeat-interval", "1", "--supervisor-listen", Endpoint];

    protected override Task<HostDriver> StartDriverAsync()
    {
        Run("ip", "netns", "add", _namespace);
        Run("ip", "link", "add", $"{_link}h", "type", "veth", "peer", "name", $"{_link}g", "netns", _namespace);
        Run("ip", "address", "add", $"198.18.{Block}.1/30", "dev", $"{_link}h");
        Run("ip", "link", "set", $"{_link}h", "up");
        Run("ip", "-n", _namespace, "address", "add", $"198.18.{Block}.2/30", "dev", $"{_link}g");
        Run("ip", "-n", _namespace, "link", "set", $"{_link}g", "up");
        Run("ip", "-n", _namespace, "link", "set", "lo", "up");
        return HostDriver.StartAsync(Directory, Endpoint, _namespace);
    }

    [TearDown]
    public async Task RemoveNetworkAsync()
    {
        await Gateway.StopAsync();
        Machine.Kill();
        Run("ip", "link", "delete", $"{_link}h");
        Run("ip", "netns", "delete", _namespace);
    }

    [Test]
    public async Task Link_CutWithoutAWord_SessionAndRelaysEndAndComeBack()
    {
        var before = await DescriptorsAsync();
        using var call = Gateway.Client.ExecSandbox(Request("/bin/sh", "-c", "echo started; exec sleep 1000"));
        await ExecOutcome.FirstOutputAsync(call.ResponseStream);

        Run("ip", "-n", _namespace, "link", "set", $"{_link}g", "down");

        await BecomesAsync(SandboxPhase.Provisioning);
        // The relay has a connection of its own; HTTP/2 pings find it dead after 20 s + 10 s.
        var e = await Assert.ThrowsAsync<RpcException>(async () => await Eventually.EndsAsync(
            ExecOutcome.ReadAsync(call.ResponseStream, default), "the call over the dead link"));
        Assert.That(e!.StatusCode, Is.EqualTo(StatusCode.Unavailable));

        Run("ip", "-n", _namespace, "link", "set", $"{_link}g", "up");

        await RecoversAsync();
        await ReturnsToAsync(before.Gateway, before.Supervisor);
    }

    private static int FreePort()
    {
        using var probe = new TcpListener(IPAddress.Any, 0);
        probe.Start();
        return ((IPEndPoint)probe.LocalEndpoint).Port;
    }
}
