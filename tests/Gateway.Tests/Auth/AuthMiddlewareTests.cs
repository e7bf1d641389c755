using System.Net;
using Microsoft.AspNetCore.Http;
using OpenShell.Gateway.Hosting;
using OpenShell.Gateway.Store;
using OpenShell.TestKit;

namespace OpenShell.Gateway.Auth;

[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public sealed class AuthMiddlewareTests : IDisposable
{
    private const string Grpc = "application/grpc";
    private readonly TestDirectory _directory = new();
    private readonly SandboxTokens _sandboxTokens;
    private readonly AdminToken _adminToken;
    private readonly string _token;

    public AuthMiddlewareTests()
    {
        _sandboxTokens = new SandboxTokens(_directory.Path, TimeProvider.System, SandboxTokens.DefaultLifetime);
        _adminToken = new AdminToken(_directory.Path);
        _token = File.ReadAllText(_directory.File(AdminToken.FileName)).Trim();
    }

    public void Dispose()
    {
        _sandboxTokens.Dispose();
        _directory.Dispose();
    }

    [TestCase("Health", "", "anonymous")]
    [TestCase("GetSandbox", "", "16 missing authorization header")]
    [TestCase("GetSandbox", "Bearer wrong", "16 the token is not valid")]
    [TestCase("GetSandbox", "Bearer ", "16 the token is not valid")]
    [TestCase("GetSandbox", "Basic TOKEN", "16 missing authorization header")]
    [TestCase("GetSandbox", "Bearer TOKEN", "user admin")]
    [TestCase("GetSandbox", "bearer TOKEN", "user admin")]
    [TestCase("UpdateConfig", "Bearer TOKEN", "user admin")]
    [TestCase("GetProvider", "", "16 missing authorization header")]
    [TestCase("ConnectSupervisor", "Bearer TOKEN", "7 this method requires a sandbox principal")]
    [TestCase("RelayStream", "Bearer SANDBOX", "7 this method requires a sandbox principal")]
    [TestCase("GetSandbox", "Bearer SANDBOX", "16 the token is not valid")]
    [TestCase("Nothing", "Bearer TOKEN", "12 there is no such method")]
    public async Task InvokeAsync_PublicListener_LetsUsersIn(string method, string authorization, string expected) =>
        Assert.That(await CallAsync(ListenerKind.Public, method, authorization), Is.EqualTo(expected));

    [TestCase("Health", "", "anonymous")]
    [TestCase("RelayStream", "Bearer SANDBOX", "sandbox a 1")]
    [TestCase("UpdateConfig", "Bearer SANDBOX", "sandbox a 1")]
    [TestCase("RelayStream", "", "16 supervisor RPCs require an authenticated sandbox principal")]
    [TestCase("RelayStream", "Bearer TOKEN", "16 the sandbox token is not valid")]
    [TestCase("GetSandbox", "Bearer SANDBOX", "7 sandbox principals may not call this method")]
    [TestCase("GetSandbox", "Bearer TOKEN", "7 sandbox principals may not call this method")]
    public async Task InvokeAsync_SupervisorListener_LetsSandboxesIn(string method, string authorization, string expected) =>
        Assert.That(await CallAsync(ListenerKind.Supervisor, method, authorization), Is.EqualTo(expected));

    [Test]
    public async Task InvokeAsync_ExpiredSandboxToken_IsGoodForANewSessionOnly()
    {
        var longAgo = new ManualTimeProvider();
        longAgo.Advance(TimeSpan.FromDays(-10_000));
        using var before = new SandboxTokens(_directory.Path, longAgo, SandboxTokens.DefaultLifetime);
        var expired = $"Bearer {before.Issue("a", 2).Value}";

        Assert.That(await CallAsync(ListenerKind.Supervisor, "ConnectSupervisor", expired), Is.EqualTo("sandbox a 2"));
        Assert.That(await CallAsync(ListenerKind.Supervisor, "RelayStream", expired), Is.EqualTo("16 the sandbox token is not valid"));
    }

    [TestCase("", "user unauthenticated-local-dev")]
    [TestCase("Bearer TOKEN", "user admin")]
    [TestCase("Bearer wrong", "16 the token is not valid")]
    public async Task InvokeAsync_UnauthenticatedUsersAllowed_LetsThemIn(string authorization, string expected) =>
        Assert.That(await CallAsync(ListenerKind.Public, "GetSandbox", authorization, allowUnauthenticated: true), Is.EqualTo(expected));

    // RelayStream is served by us and not by the gRPC library, which would refuse other content types.
    [TestCase("text/plain")]
    [TestCase(null)]
    public async Task InvokeAsync_MethodWithAnotherContentType_IsCheckedToo(string? contentType) => Assert.That(
        await CallAsync(ListenerKind.Public, "RelayStream", "", contentType: contentType),
        Is.EqualTo("7 this method requires a sandbox principal"));

    [Test]
    public async Task InvokeAsync_NoMethodAndNoGrpc_IsNotItsBusiness()
    {
        var context = new DefaultHttpContext { Request = { Path = "/healthz" } };

        Assert.That(await InvokeAsync(context, allowUnauthenticated: false), Is.EqualTo("anonymous"));
    }

    // Routing ignores case and a slash at the end; the method table does not.
    [TestCase("/openshell.v1.openshell/relaystream")]
    [TestCase("/openshell.v1.OpenShell/RelayStream/")]
    [TestCase("/healthz/")]
    [TestCase("/anything")]
    public async Task InvokeAsync_PathThatIsNotNamed_GoesNoFurther(string path)
    {
        var context = new DefaultHttpContext { Request = { Path = path } };

        Assert.That(await InvokeAsync(context, allowUnauthenticated: true), Is.EqualTo(" "));
        Assert.That(context.Response.StatusCode, Is.EqualTo(404));
    }

    private async Task<string> CallAsync(
        ListenerKind kind, string method, string authorization, bool allowUnauthenticated = false, string? contentType = Grpc)
    {
        var context = new DefaultHttpContext();
        context.Request.Path = $"/openshell.v1.OpenShell/{method}";
        context.Request.ContentType = contentType;
        context.Features.Set(new ListenerFeature(kind));
        if (authorization.Length > 0)
        {
            context.Request.Headers.Authorization = authorization
                .Replace("TOKEN", _token, StringComparison.Ordinal)
                .Replace("SANDBOX", _sandboxTokens.Issue("a", 1).Value, StringComparison.Ordinal);
        }

        return await InvokeAsync(context, allowUnauthenticated);
    }

    private async Task<string> InvokeAsync(HttpContext context, bool allowUnauthenticated)
    {
        string? passed = null;
        var options = new GatewayOptions
        {
            StateDirectory = _directory.Path,
            Database = new DatabaseUrl((string?)null),
            BindAddress = IPAddress.Loopback,
            AllowUnauthenticatedUsers = allowUnauthenticated,
        };
        var middleware = new AuthMiddleware(
            inner =>
            {
                passed = inner.GetPrincipal() switch
                {
                    UserPrincipal user => $"user {user.Subject}",
                    SandboxPrincipal sandbox => $"sandbox {sandbox.SandboxId} {sandbox.BootEpoch}",
                    _ => "anonymous",
                };
                return Task.CompletedTask;
            },
            _adminToken,
            _sandboxTokens,
            options);
        await middleware.InvokeAsync(context);
        return passed
            ?? $"{context.Response.Headers["grpc-status"]} {Uri.UnescapeDataString(context.Response.Headers["grpc-message"].ToString())}";
    }
}
