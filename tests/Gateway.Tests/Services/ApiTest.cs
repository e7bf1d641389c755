using System.Net;
using System.Net.Sockets;
using Google.Protobuf;
using Grpc.Core;
using Grpc.Net.Client;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using OpenShell.Gateway.Compute;
using OpenShell.Gateway.Configuration;
using OpenShell.Gateway.Hosting;
using OpenShell.TestKit;
using Api = OpenShell.Protocol.V1.OpenShell;

namespace OpenShell.Gateway.Services;

/// <summary>The whole gateway in this process, with a driver of the test's, and what goes over its wire, one for each class.</summary>
internal abstract class ApiTest
{
    private static readonly Marshaller<byte[]> Raw = new(bytes => bytes, bytes => bytes);

    private TestDirectory _directory = null!;
    private StateDirectory _state = null!;
    private LocalSocket _local = null!;
    private WebApplication _app = null!;
    private GrpcChannel _channel = null!;

    protected FakeComputeDriver Driver { get; private set; } = null!;

    protected Api.OpenShellClient Client { get; private set; } = null!;

    /// <summary>Where the user's own programs call without a token.</summary>
    protected EndPoint LocalEndPoint => _local.EndPoint;

    protected CallInvoker Invoker { get; private set; } = null!;

    [OneTimeSetUp]
    public async Task StartAsync()
    {
        _directory = new TestDirectory();
        Driver = await FakeComputeDriver.StartAsync(_directory.File("driver.sock"));
        var options = new GatewayOptions
        {
            Port = 0,
            StateDirectory = _directory.File("state"),
            Database = new DatabaseUrl((string?)null),
            ComputeDriverSocket = _directory.File("driver.sock"),
            LogLevel = LogLevel.Critical,
        };
        _state = StateDirectory.Open(options.StateDirectory);
        _local = LocalSocket.Take(_state.LocalSocket);
        _app = GatewayHost.Build(options, new GatewayLimits(), _state, _local);
        await _app.StartAsync();
        _channel = GrpcChannel.ForAddress("http://openshell-gateway", new GrpcChannelOptions
        {
            DisposeHttpClient = true,
            HttpHandler = new SocketsHttpHandler
            {
                ConnectCallback = async (_, cancellationToken) =>
                {
                    var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
                    await socket.ConnectAsync(_local.EndPoint, cancellationToken);
                    return new NetworkStream(socket, ownsSocket: true);
                },
            },
        });
        Client = new Api.OpenShellClient(_channel);
        Invoker = _channel.CreateCallInvoker();
    }

    [OneTimeTearDown]
    public async Task StopAsync()
    {
        _channel.Dispose();
        await _app.StopAsync();
        await _app.DisposeAsync();
        _local.Dispose();
        _state.Dispose();
        await Driver.DisposeAsync();
        _directory.Dispose();
    }

    protected T Get<T>()
        where T : notnull => _app.Services.GetRequiredService<T>();

    /// <summary>Calls a method with one message and reads its first answer, if it answers.</summary>
    /// <returns>Null: it has answered, or ended well.</returns>
    protected async Task<RpcException?> CallAsync(string path, byte[] message)
    {
        var parts = path.Split('/');
        // For HTTP/2 every call is a stream both ways.
        var method = new Method<byte[], byte[]>(MethodType.DuplexStreaming, parts[1], parts[2], Raw, Raw);
        using var call = Invoker.AsyncDuplexStreamingCall(method, null, new CallOptions(deadline: DateTime.UtcNow.AddSeconds(30)));
        try
        {
            await call.RequestStream.WriteAsync(message);
            await call.RequestStream.CompleteAsync();
        }
        catch (RpcException e)
        {
            return e;
        }
        catch (InvalidOperationException)
        {
            // The answer was there first.
        }

        try
        {
            await call.ResponseStream.MoveNext(CancellationToken.None);
            return null;
        }
        catch (RpcException e)
        {
            return e;
        }
    }

    protected Task<RpcException?> CallAsync(string path, IMessage message) => CallAsync(path, message.ToByteArray());
}
