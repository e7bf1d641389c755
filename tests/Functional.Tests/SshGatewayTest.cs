using System.Globalization;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Grpc.Net.Client;
using OpenShell.Protocol.Extensions.V1;
using OpenShell.Protocol.V1;
using OpenShell.TestKit;

namespace OpenShell.Functional;

/// <summary>Base of the tests of the public SSH gateway: a sandbox, and OpenSSH's programs on the gateway's port.</summary>
public abstract class SshGatewayTest : FunctionalTest
{
    private GrpcChannel _channel = null!;

    private protected Sandbox Sandbox { get; private set; } = null!;

    private protected SshAccess.SshAccessClient Access { get; private set; } = null!;

    private protected Metadata Headers { get; private set; } = null!;

    protected override string[] GatewayArguments => ["--ssh-bind", "127.0.0.1:0"];

    [SetUp]
    public async Task CreateSandboxAsync()
    {
        Sandbox = await Gateway.CreateReadyAsync();
        _channel = GrpcChannel.ForAddress(Gateway.Endpoint);
        Access = new SshAccess.SshAccessClient(_channel);
        Headers = new Metadata { { "authorization", $"Bearer {Gateway.AdminToken}" } };
    }

    [TearDown]
    public void CloseChannel() => _channel.Dispose();

    private protected async Task<CreateSshAccessResponse> GrantAsync(uint seconds = 0) => await Access.CreateSshAccessAsync(
        new CreateSshAccessRequest { WorkspaceScope = Scope.Default, Sandbox = Sandbox.Metadata.Name, Lifetime = seconds == 0 ? null : Duration.FromTimeSpan(TimeSpan.FromSeconds(seconds)) }, Headers);

    /// <summary>Options for ssh with a user name, which may be a token, and the host behind them.</summary>
    private protected static string[] To(CreateSshAccessResponse access, string? user = null) =>
    [
        "-F", "none",
        "-o", "StrictHostKeyChecking=no",
        "-o", "UserKnownHostsFile=/dev/null",
        "-o", "IdentityAgent=none",
        "-o", "LogLevel=ERROR",
        "-o", $"User={user ?? access.Token}",
        "-o", string.Create(CultureInfo.InvariantCulture, $"Port={access.Port}"),
    ];

    private protected static Task<SshOutcome> SshAsync(CreateSshAccessResponse access, byte[]? input, params string[] arguments) =>
        SshClient.RunAsync("ssh", input, [.. To(access), "-o", "IdentityFile=none", access.Host, .. arguments]);
}
