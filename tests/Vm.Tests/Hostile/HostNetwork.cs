using System.Diagnostics;
using System.Globalization;
using OpenShell.TestKit;

namespace OpenShell.Vm.Hostile;

/// <summary>
/// A network namespace with an address on a link, routes to everywhere and listeners: what a driver takes for its host's
/// network. A witness in it tells of every packet that it sees.
/// </summary>
internal sealed class HostNetwork : IAsyncDisposable
{
    /// <summary>Its addresses beside those of the loopback.</summary>
    public const string Address = "172.30.77.1";

    /// <inheritdoc cref="Address"/>
    public const string Address6 = "fd00:30:77::1";

    private readonly string _name = string.Create(CultureInfo.InvariantCulture, $"os-{Environment.ProcessId}");
    private readonly string _hostile;
    private readonly List<string> _seen = [];
    private Process? _witness;
    private Task _reading = Task.CompletedTask;

    private HostNetwork(string hostile) => _hostile = hostile;

    /// <summary>What the witness has seen.</summary>
    public IReadOnlyList<string> Seen
    {
        get
        {
            lock (_seen)
            {
                return [.. _seen];
            }
        }
    }

    /// <summary>Makes it. <paramref name="hostile"/> is the program.</summary>
    public static async Task<HostNetwork> MakeAsync(string hostile)
    {
        var network = new HostNetwork(hostile);
        try
        {
            await HostProgram.RunAsync("sh", "-ec", $"""
                ip netns add {network._name}
                ip() (exec nsenter --net=/run/netns/{network._name} ip "$@")
                ip link set lo up
                ip link add out type veth peer name far
                ip link set out up
                ip link set far up
                ip addr add {Address}/24 dev out
                ip -6 addr add {Address6}/64 dev out nodad
                ip neigh add 172.30.77.2 lladdr 02:00:00:00:00:02 dev out
                ip -6 neigh add fd00:30:77::2 lladdr 02:00:00:00:00:02 dev out
                ip route add default via 172.30.77.2
                ip -6 route add default via fd00:30:77::2
                """);
            await network.WatchAsync();
            return network;
        }
        catch
        {
            await network.DisposeAsync();
            throw;
        }
    }

    /// <summary>Makes a directory with a driver that runs in this network.</summary>
    public async Task<string> WriteDriverAsync(string directory)
    {
        System.IO.Directory.CreateDirectory(directory);
        var path = Path.Combine(directory, "openshell-driver-vm");
        await File.WriteAllTextAsync(path, $"#!/bin/sh\nexec nsenter --net=/run/netns/{_name} {TestPaths.Program("openshell-driver-vm")} \"$@\"\n");
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        return directory;
    }

    /// <summary>Connects to the witness and waits until it has told of it: of everything before it has told then, too.</summary>
    /// <returns>What it had seen before.</returns>
    public async Task<IReadOnlyList<string>> KnockAsync()
    {
        await HostProgram.RunAsync("nsenter", $"--net=/run/netns/{_name}", _hostile, "knock");
        await Eventually.BecomesTrueAsync(() => Seen.Any(IsKnock), "the witness sees what is sent to it");
        return [.. Seen.TakeWhile(line => !IsKnock(line))];
    }

    public async ValueTask DisposeAsync()
    {
        if (_witness is not null)
        {
            _witness.Kill();
            await _witness.WaitForExitAsync();
            await _reading;
            _witness.Dispose();
        }

        await HostProgram.RunAsync("ip", "netns", "del", _name);
    }

    private static bool IsKnock(string line) => line.Contains(" 127.0.0.1 41000", StringComparison.Ordinal);

    private async Task WatchAsync()
    {
        _witness = Process.Start(new ProcessStartInfo("nsenter", [$"--net=/run/netns/{_name}", _hostile, "witness"]) { RedirectStandardOutput = true })!;
        Assert.That(await _witness.StandardOutput.ReadLineAsync(), Is.EqualTo("watching"));
        _reading = ReadAsync(_witness.StandardOutput);
    }

    private async Task ReadAsync(StreamReader output)
    {
        while (await output.ReadLineAsync() is { } line)
        {
            lock (_seen)
            {
                _seen.Add(line);
            }
        }
    }
}
