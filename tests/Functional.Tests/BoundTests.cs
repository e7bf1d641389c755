using System.IO.Compression;
using System.Net;
using System.Net.Http.Headers;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Grpc.Health.V1;
using Grpc.Net.Client;
using OpenShell.Protocol.Sandbox.V1;
using OpenShell.Protocol.V1;
using OpenShell.TestKit;

namespace OpenShell.Functional;

/// <summary>Limits of calls: what is beyond is refused with the limit and the option that sets it, and the rest goes on.</summary>
public sealed class BoundTests : FaultTest
{
    private static readonly Marshaller<byte[]> Bytes = new(static b => b, static b => b);

    protected override string[] GatewayArguments =>
        ["--heartbeat-interval", "1", "--max-watches", "30", "--max-watches-per-connection", "20", "--max-relays-per-sandbox", "3"];

    [Test]
    public async Task Watches_OneMore_IsRefusedWithTheOption()
    {
        using var firstConnection = Gateway.NewChannel(new SocketsHttpHandler());
        using var secondConnection = Gateway.NewChannel(new SocketsHttpHandler());
        var watches = new List<AsyncServerStreamingCall<SandboxStreamEvent>>();
        for (var i = 0; i < 30; i++)
        {
            watches.Add(Watch(i < 20 ? firstConnection : secondConnection));
            Assert.That(await watches[i].ResponseStream.MoveNext(CancellationToken.None), Is.True);
        }

        Assert.That(await RefusalAsync(Watch(firstConnection)), Does.Contain("30 watches").And.Contain("--max-watches").And.Not.Contain("per-connection"));
        watches[^1].Dispose();
        await Eventually.BecomesTrueAsync(async () => (await RefusalAsync(Watch(firstConnection))).Contains("per-connection", StringComparison.Ordinal), () => "a place of the gateway is free");
        Assert.That(await RefusalAsync(Watch(firstConnection)), Does.Contain("20 watches").And.Contain("--max-watches-per-connection"));
        Assert.That((await Gateway.ExecAsync(Request("echo", "in"))).Text, Is.EqualTo("in\n"));
        watches.ForEach(w => w.Dispose());
    }

    [Test]
    public async Task HealthWatches_FifthOfAConnectionWithoutAToken_IsRefused()
    {
        using var channel = Gateway.AnonymousChannel();
        var client = new Health.HealthClient(channel);
        var watches = new List<AsyncServerStreamingCall<HealthCheckResponse>>();
        for (var i = 0; i < 4; i++)
        {
            watches.Add(client.Watch(new HealthCheckRequest()));
            Assert.That(await watches[i].ResponseStream.MoveNext(CancellationToken.None), Is.True);
        }

        var e = await Assert.ThrowsAsync<RpcException>(async () => await client.Watch(new HealthCheckRequest()).ResponseStream.MoveNext(CancellationToken.None));

        Assert.That((e!.StatusCode, e.Status.Detail), Is.EqualTo((StatusCode.ResourceExhausted, "this connection has 4 health watches, which is the limit; close some")));
        watches.ForEach(w => w.Dispose());
    }

    [Test]
    public async Task Relays_OneMore_IsRefusedAtOnceWithTheOption()
    {
        var calls = Enumerable.Range(0, 3).Select(_ => Gateway.Client.ExecSandbox(Request("/bin/sh", "-c", "echo started; exec sleep 1000"))).ToList();
        foreach (var call in calls)
        {
            Assert.That(await ExecOutcome.FirstOutputAsync(call.ResponseStream), Is.EqualTo("started\n"));
        }

        var e = await Assert.ThrowsAsync<RpcException>(() => Gateway.ExecAsync(Request("true")));

        Assert.That(e!.StatusCode, Is.EqualTo(StatusCode.ResourceExhausted));
        Assert.That(e.Status.Detail, Does.Contain("3 active").And.Contain("--max-relays-per-sandbox"));
        calls.ForEach(c => c.Dispose());
    }

    [TestCase("/openshell.v1.OpenShell/CreateSandbox", MethodType.Unary)]
    [TestCase("/openshell.v1.OpenShell/ListSandboxes", MethodType.Unary)]
    [TestCase("/openshell.v1.OpenShell/WatchSandbox", MethodType.ServerStreaming)]
    [TestCase("/openshell.v1.OpenShell/ExecSandbox", MethodType.ServerStreaming)]
    [TestCase("/openshell.v1.OpenShell/ExecSandboxInteractive", MethodType.DuplexStreaming)]
    [TestCase("/openshell.v1.OpenShell/ForwardTcp", MethodType.DuplexStreaming)]
    [TestCase("/openshell.extensions.v1.SshAccess/AddSshKey", MethodType.Unary)]
    [TestCase("/grpc.health.v1.Health/Check", MethodType.Unary)]
    public async Task Message_Damaged_IsAnInvalidArgument(string path, MethodType type)
    {
        using var channel = Gateway.NewChannel();
        byte[][] damaged = [[0x0a, 0x7f, 1], [0xff], Deep().ToByteArray()];
        foreach (var message in path.EndsWith("CreateSandbox", StringComparison.Ordinal) ? damaged : damaged[..2])
        {
            Assert.That((await StatusAsync(channel, path, type, message)).StatusCode, Is.EqualTo(StatusCode.InvalidArgument));
        }
    }

    [Test]
    public void Sandbox_SpecThatOnlyJustParses_IsRefusedSoThatListsStayReadable()
    {
        // What the client can still write and the gateway still read, and then one around it.
        var refused = 0;
        for (var depth = 20; depth < 40; depth++)
        {
            try
            {
                Gateway.Client.CreateSandbox(Deep(depth));
            }
            catch (RpcException e)
            {
                Assert.That(e.StatusCode, Is.EqualTo(StatusCode.InvalidArgument), e.Status.Detail);
                refused++;
            }

            Assert.That(Gateway.Client.ListSandboxes(new ListSandboxesRequest { WorkspaceScope = Scope.Default }).Sandboxes, Is.Not.Empty);
        }

        Assert.That(refused, Is.GreaterThan(0).And.LessThan(20));
    }

    [Test]
    public void Selector_OfAHundredThousandTerms_IsAnInvalidArgument()
    {
        var selector = string.Join(',', Enumerable.Range(0, 100_000).Select(i => $"k{i}=v"));

        var e = Assert.Throws<RpcException>(() => Gateway.Client.ListSandboxes(new ListSandboxesRequest { WorkspaceScope = Scope.Default, LabelSelector = selector }));

        Assert.That((e!.StatusCode, e.Status.Detail), Is.EqualTo((StatusCode.InvalidArgument, "the label selector has more than 64 terms")));
        Assert.That(Gateway.Client.ListSandboxes(new ListSandboxesRequest { WorkspaceScope = Scope.Default, LabelSelector = string.Join(',', Enumerable.Range(0, 64).Select(i => $"k{i}=v")) }).Sandboxes, Is.Empty);
    }

    [Test]
    public async Task Message_CompressedAThousandTimes_IsRefusedAndNeverHeld()
    {
        using var packed = new MemoryStream();
        await using (var gzip = new GZipStream(packed, CompressionLevel.Optimal, leaveOpen: true))
        {
            for (var i = 0; i < 300; i++)
            {
                await gzip.WriteAsync(new byte[1 << 20]);
            }
        }

        byte[] body = [1, 0, (byte)(packed.Length >> 16), (byte)(packed.Length >> 8), (byte)packed.Length, .. packed.ToArray()];
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(Gateway.Endpoint, "/openshell.v1.OpenShell/ListSandboxes"))
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Headers = { { "authorization", $"Bearer {Gateway.AdminToken}" }, { "grpc-encoding", "gzip" }, { "te", "trailers" } },
            Content = new ByteArrayContent(body) { Headers = { ContentType = new MediaTypeHeaderValue("application/grpc") } },
        };
        using var http = new HttpClient();
        ProcessMemory.ResetPeak(Gateway.Pid);
        var before = ProcessMemory.Peak(Gateway.Pid);

        using var answer = await http.SendAsync(request);

        await answer.Content.ReadAsByteArrayAsync();
        var status = answer.Headers.Concat(answer.TrailingHeaders).First(h => h.Key == "grpc-status").Value.Single();
        Assert.That(status, Is.EqualTo("8"));
        Assert.That((ProcessMemory.Peak(Gateway.Pid) - before) >> 20, Is.LessThan(100), "MiB that it took");
    }

    // A middleware's configuration is the one part of a spec that may be of any shape.
    private static CreateSandboxRequest Deep(int depth = 60)
    {
        var config = new Struct();
        for (var i = 0; i < depth; i++)
        {
            config = new Struct { Fields = { ["a"] = Value.ForStruct(config) } };
        }

        var policy = new SandboxPolicy { NetworkMiddlewares = { ["a"] = new NetworkMiddlewareConfig { Config = config } } };
        return new CreateSandboxRequest { WorkspaceScope = Scope.Default, Spec = new SandboxSpec { Policy = policy } };
    }

    private AsyncServerStreamingCall<SandboxStreamEvent> Watch(GrpcChannel channel) =>
        Gateway.ClientOf(channel).WatchSandbox(new WatchSandboxRequest { WorkspaceScope = Scope.Default, Sandbox = Name, FollowStatus = true });

    private static async Task<string> RefusalAsync(AsyncServerStreamingCall<SandboxStreamEvent> watch)
    {
        using (watch)
        {
            var e = await Assert.ThrowsAsync<RpcException>(async () => await Eventually.EndsAsync(watch.ResponseStream.MoveNext(CancellationToken.None), "the watch is refused"));
            Assert.That(e!.StatusCode, Is.EqualTo(StatusCode.ResourceExhausted));
            return e.Status.Detail;
        }
    }

    private async Task<Status> StatusAsync(GrpcChannel channel, string path, MethodType type, byte[] message)
    {
        var slash = path.LastIndexOf('/');
        var method = new Method<byte[], byte[]>(type, path[1..slash], path[(slash + 1)..], Bytes, Bytes);
        var options = new CallOptions(new Metadata { { "authorization", $"Bearer {Gateway.AdminToken}" } }, DateTime.UtcNow + Eventually.Timeout);
        var calls = channel.CreateCallInvoker();
        try
        {
            switch (type)
            {
                case MethodType.Unary:
                    await calls.AsyncUnaryCall(method, null, options, message);
                    break;
                case MethodType.ServerStreaming:
                    await calls.AsyncServerStreamingCall(method, null, options, message).ResponseStream.MoveNext(CancellationToken.None);
                    break;
                default:
                    using (var call = calls.AsyncDuplexStreamingCall(method, null, options))
                    {
                        await call.RequestStream.WriteAsync(message);
                        await call.ResponseStream.MoveNext(CancellationToken.None);
                    }

                    break;
            }

            return Status.DefaultSuccess;
        }
        catch (RpcException e)
        {
            return e.Status;
        }
    }
}
