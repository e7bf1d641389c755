using System.Buffers;
using OpenShell.Protocol.Relay;
using OpenShell.Protocol.V1;
using OpenShell.TestKit;

namespace OpenShell.Functional;

/// <summary>Base of the tests of ForwardTcp: a sandbox, tokens for it, and streams to its loopback ports.</summary>
public abstract class ForwardTest : FunctionalTest
{
    protected HttpMessageInvoker Http { get; } = new(new SocketsHttpHandler());

    protected Sandbox Sandbox { get; private set; } = null!;

    protected override string[] GatewayArguments => ["--max-forwards-per-token", "3"];

    [SetUp]
    public async Task CreateAsync() => Sandbox = await Gateway.CreateReadyAsync();

    [OneTimeTearDown]
    public void DisposeHttp() => Http.Dispose();

    protected async Task<string> TokenAsync() =>
        (await Gateway.Client.CreateSshSessionAsync(new CreateSshSessionRequest { WorkspaceScope = Scope.Default, Sandbox = Sandbox.Metadata.Name })).Token;

    protected TcpForwardInit Init(string token, int port) => new()
    {
        Workspace = "default",
        Sandbox = Sandbox.Metadata.Name,
        ServiceId = "test",
        Tcp = new TcpRelayTarget { Host = "127.0.0.1", Port = (uint)port },
        AuthorizationToken = token,
    };

    protected Task<RelayConnection> OpenAsync(string token, int port) => Eventually.EndsAsync(
        ForwardClient.OpenAsync(Http, Gateway.Endpoint, Gateway.AdminToken, Init(token, port), CancellationToken.None),
        "ForwardTcp answers");

    protected static async Task<byte[]> ReadAllAsync(RelayConnection stream)
    {
        using var timeout = new CancellationTokenSource(Eventually.Timeout);
        var all = new ArrayBufferWriter<byte>();
        while (await stream.ReadAsync(timeout.Token) is { Kind: RelayReadKind.Data } read)
        {
            foreach (var piece in read.Data)
            {
                all.Write(piece.Span);
            }

            stream.Advance();
        }

        return all.WrittenSpan.ToArray();
    }
}
