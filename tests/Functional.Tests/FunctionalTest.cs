using System.Net.Sockets;
using Grpc.Core;
using Grpc.Net.Client;
using OpenShell.Protocol.Extensions.V1;
using OpenShell.Protocol.V1;
using OpenShell.TestKit;

namespace OpenShell.Functional;

/// <summary>A real gateway and real supervisors, for each test its own.</summary>
public abstract class FunctionalTest
{
    protected TestDirectory Directory { get; private set; } = null!;

    protected HostDriver Driver { get; private set; } = null!;

    protected GatewayProcess Gateway { get; private set; } = null!;

    /// <summary>Further options of the gateway.</summary>
    protected virtual string[] GatewayArguments => [];

    [SetUp]
    public async Task StartAsync()
    {
        Directory = new TestDirectory();
        Driver = await StartDriverAsync();
        Gateway = await StartGatewayAsync();
    }

    [TearDown]
    public async Task StopAsync()
    {
        try
        {
            await Gateway.DisposeAsync();
        }
        finally
        {
            await Driver.DisposeAsync();
            Directory.Dispose();
        }
    }

    /// <summary>A gateway on the test's state directory; the one before must be gone.</summary>
    protected virtual Task<GatewayProcess> StartGatewayAsync() =>
        GatewayProcess.StartAsync(Directory, ["--compute-driver-socket", Driver.Socket, "--log-level", "debug", .. GatewayArguments]);

    /// <summary>Starts the gateway again, after the one before has ended.</summary>
    protected async Task StartAgainAsync() => Gateway = await StartGatewayAsync();

    /// <summary>Starts the driver.</summary>
    protected virtual Task<HostDriver> StartDriverAsync() => HostDriver.StartAsync(Directory);

    /// <summary>Kills the gateway and starts another one.</summary>
    protected async Task RestartGatewayAsync()
    {
        await Gateway.KillAsync();
        await Gateway.DisposeAsync();
        await StartAgainAsync();
    }

    /// <summary>The token that a sandbox has had from its create on, as metadata.</summary>
    protected Metadata TokenOf(Sandbox sandbox)
    {
        var config = GuestConfig.Parser.ParseFrom(File.ReadAllBytes(Directory.File($"{sandbox.Metadata.Id}.config")));
        return new Metadata { { "authorization", $"Bearer {config.SandboxToken}" } };
    }

    /// <summary>A connection to where supervisors come in.</summary>
    protected GrpcChannel SupervisorChannel() => GrpcChannel.ForAddress("http://openshell-gateway", new GrpcChannelOptions
    {
        DisposeHttpClient = true,
        HttpHandler = new SocketsHttpHandler
        {
            ConnectCallback = async (_, cancellationToken) =>
            {
                var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
                await socket.ConnectAsync(new UnixDomainSocketEndPoint(Directory.File("gateway/run/supervisor.sock")), cancellationToken);
                return new NetworkStream(socket, ownsSocket: true);
            },
        },
    });
}
