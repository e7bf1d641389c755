using System.Net;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging.Abstractions;
using OpenShell.Gateway.Configuration;
using OpenShell.Gateway.Sandboxes;
using OpenShell.Gateway.Services;
using OpenShell.Gateway.Store;
using OpenShell.TestKit;

namespace OpenShell.Gateway.Auth;

[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public sealed class AuthMiddlewareTests : IAsyncDisposable
{
    private const string Grpc = "application/grpc";
    private static readonly MethodTable Methods = DeclaredMethods.Table();
    private readonly TestDirectory _directory = new();
    private readonly SandboxTokens _sandboxTokens;
    private readonly AdminToken _adminToken;
    private readonly SqliteStore _database = new(new DatabaseUrl((string?)null));
    private readonly SandboxStore _sandboxes;
    private string _token;

    public AuthMiddlewareTests()
    {
        _sandboxTokens = new SandboxTokens(_directory.Path, TimeProvider.System, GatewayOptions.DefaultSandboxTokenLifetime);
        _adminToken = new AdminToken(_directory.Path, NullLogger<AdminToken>.Instance);
        _sandboxes = new SandboxStore(_database, TimeProvider.System);
        _token = File.ReadAllText(_directory.File(AdminToken.FileName)).Trim();
    }

    private static IEnumerable<string> SandboxMethods => Methods.All
        .Where(m => m.Value is MethodAccess.Sandbox or MethodAccess.UserOrSandbox)
        .Select(m => m.Key[(m.Key.LastIndexOf('/') + 1)..]);

    [SetUp]
    public Task CreateSandboxAsync() => _sandboxes.CreateAsync(SandboxRecords.Create(), CancellationToken.None);

    public async ValueTask DisposeAsync()
    {
        _sandboxTokens.Dispose();
        await _database.DisposeAsync();
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
    [TestCase("PeerRelay", "Bearer TOKEN", "7 this method is for other gateways, and this one has none")]
    public async Task InvokeAsync_PublicListener_LetsUsersIn(string method, string authorization, string expected) =>
        Assert.That(await CallAsync(ListenerKind.Public, method, authorization), Is.EqualTo(expected));

    [TestCase("Health", "", "anonymous")]
    [TestCase("RelayStream", "Bearer SANDBOX", "sandbox a 1")]
    [TestCase("UpdateConfig", "Bearer SANDBOX", "sandbox a 1")]
    [TestCase("RelayStream", "", "16 supervisor RPCs require an authenticated sandbox principal")]
    [TestCase("RelayStream", "Bearer TOKEN", "16 the sandbox token is not valid")]
    [TestCase("GetSandbox", "Bearer SANDBOX", "7 sandbox principals may not call this method")]
    [TestCase("PeerRelay", "Bearer SANDBOX", "7 this method is for other gateways, and this one has none")]
    [TestCase("GetSandbox", "Bearer TOKEN", "7 sandbox principals may not call this method")]
    public async Task InvokeAsync_SupervisorListener_LetsSandboxesIn(string method, string authorization, string expected) =>
        Assert.That(await CallAsync(ListenerKind.Supervisor, method, authorization), Is.EqualTo(expected));

    [Test]
    public async Task InvokeAsync_ExpiredSandboxToken_IsGoodForANewSessionOnly()
    {
        var longAgo = new ManualTimeProvider();
        longAgo.JumpWallClock(TimeSpan.FromDays(-10_000));
        using var before = new SandboxTokens(_directory.Path, longAgo, GatewayOptions.DefaultSandboxTokenLifetime);
        var expired = $"Bearer {before.Issue("a", 2).Value}";

        Assert.That(await CallAsync(ListenerKind.Supervisor, "ConnectSupervisor", expired), Is.EqualTo("sandbox a 2"));
        Assert.That(await CallAsync(ListenerKind.Supervisor, "RelayStream", expired), Is.EqualTo("16 the sandbox token is not valid"));
    }

    // Every method that takes a sandbox token, also one that is added later. ConnectSupervisor answers for itself, with a
    // reason that the supervisor understands: SupervisorApi refuses there.
    [TestCaseSource(nameof(SandboxMethods))]
    public async Task InvokeAsync_TokenOfAnEarlierBoot_IsRefusedByEveryMethod(string method)
    {
        Assert.That(await CallAsync(ListenerKind.Supervisor, method, "Bearer SANDBOX"), Is.EqualTo("sandbox a 1"));

        await StartAgainAsync();

        Assert.That(
            await CallAsync(ListenerKind.Supervisor, method, "Bearer SANDBOX"),
            Is.EqualTo(method == "ConnectSupervisor" ? "sandbox a 1" : "16 this token is of boot 1 of its sandbox, which is in boot 2"));
    }

    [TestCaseSource(nameof(SandboxMethods))]
    public async Task InvokeAsync_TokenOfADeletedSandbox_IsRefusedByEveryMethod(string method)
    {
        await _sandboxes.DeleteAsync("a", CancellationToken.None);

        Assert.That(
            await CallAsync(ListenerKind.Supervisor, method, "Bearer SANDBOX"),
            Is.EqualTo(method == "ConnectSupervisor" ? "sandbox a 1" : "16 the sandbox of this token was deleted"));
    }

    // A connection remembers the token that was proven on it.
    [Test]
    public async Task InvokeAsync_ConnectionOfAnEarlierBoot_IsRefused()
    {
        var connection = new ValidatedTokenCache();
        var token = $"Bearer {_sandboxTokens.Issue("a", 1).Value}";
        Assert.That(await CallAsync(ListenerKind.Supervisor, "RelayStream", token, connection: connection), Is.EqualTo("sandbox a 1"));

        await StartAgainAsync();

        Assert.That(await CallAsync(ListenerKind.Supervisor, "RelayStream", token, connection: connection), Does.StartWith("16 this token is of boot 1"));
    }

    [TestCase(true)]
    [TestCase(false)]
    public async Task InvokeAsync_BootEndsDuringTheCall_TheCallEnds(bool deleted)
    {
        var running = await CallAndStayAsync(ListenerKind.Supervisor, "PushSandboxLogs", "Bearer SANDBOX");

        await (deleted ? _sandboxes.DeleteAsync("a", CancellationToken.None) : StartAgainAsync());

        await Eventually.EndsAsync(running, "the call ends with its boot");
    }

    // The admin token.
    [Test]
    public async Task InvokeAsync_AdminTokenRotated_TheOldOneIsRefusedAndItsCallsEnd()
    {
        var running = await CallAndStayAsync(ListenerKind.Public, "WatchSandbox", "Bearer TOKEN");
        var token = SecretFile.NewToken();

        SecretFile.Replace(_adminToken.File, token);

        Assert.That(await CallAsync(ListenerKind.Public, "GetSandbox", "Bearer TOKEN"), Is.EqualTo("16 the token is not valid"));
        await Eventually.EndsAsync(running, "the call that came in with the old token ends");
        _token = token;
        Assert.That(await CallAsync(ListenerKind.Public, "GetSandbox", "Bearer TOKEN"), Is.EqualTo("user admin"));
    }

    [TestCase("missing")]
    [TestCase("empty")]
    [TestCase("open to others")]
    public async Task InvokeAsync_AdminTokenFileUnusable_NobodyComesInAndLocalCallersDo(string what)
    {
        File.Delete(_adminToken.File);
        if (what != "missing")
        {
            await File.WriteAllTextAsync(_adminToken.File, what == "empty" ? "" : $"{_token}\n\n");
            File.SetUnixFileMode(_adminToken.File, (UnixFileMode)(what == "empty" ? 0b110_000_000 : 0b110_100_100));
        }

        Assert.That(await CallAsync(ListenerKind.Public, "GetSandbox", "Bearer TOKEN"), Is.EqualTo("16 the token is not valid"));
        Assert.That(await CallAsync(ListenerKind.Public, "GetSandbox", "Bearer "), Is.EqualTo("16 the token is not valid"));
        Assert.That(await CallAsync(ListenerKind.Local, "GetSandbox", ""), Is.EqualTo("user uid:7"));
    }

    [TestCase("GetSandbox", "", "user uid:7")]
    [TestCase("GetSandbox", "Bearer wrong", "user uid:7")]
    [TestCase("Health", "", "anonymous")]
    [TestCase("RelayStream", "Bearer SANDBOX", "7 this method requires a sandbox principal")]
    [TestCase("Nothing", "", "12 there is no such method")]
    public async Task InvokeAsync_LocalSocket_LetsItsPeerIn(string method, string authorization, string expected) =>
        Assert.That(await CallAsync(ListenerKind.Local, method, authorization), Is.EqualTo(expected));

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

    private async Task<StoreOutcome> StartAgainAsync()
    {
        var record = await _sandboxes.GetAsync("a", CancellationToken.None);
        return (await _sandboxes.UpdateAsync(record! with { BootEpoch = record.BootEpoch + 1 }, CancellationToken.None)).Outcome;
    }

    private async Task<string> CallAsync(
        ListenerKind kind, string method, string authorization, bool allowUnauthenticated = false, string? contentType = Grpc, ValidatedTokenCache? connection = null) =>
        await InvokeAsync(Context(kind, method, authorization, contentType, connection), allowUnauthenticated);

    // A call that goes on until it is aborted.
    private async Task<Task> CallAndStayAsync(ListenerKind kind, string method, string authorization)
    {
        var entered = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var call = Middleware(
            async inner =>
            {
                var aborted = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                await using var registration = inner.RequestAborted.Register(aborted.SetResult);
                entered.SetResult();
                await aborted.Task;
            },
            allowUnauthenticated: false).InvokeAsync(Context(kind, method, authorization, Grpc, null));
        await Eventually.EndsAsync(entered.Task, "the call is let in");
        return call;
    }

    private DefaultHttpContext Context(ListenerKind kind, string method, string authorization, string? contentType, ValidatedTokenCache? connection)
    {
        var context = new DefaultHttpContext();
        context.Request.Path = $"/openshell.v1.OpenShell/{method}";
        context.Request.ContentType = contentType;
        context.Features.Set(new ListenerFeature(kind));
        context.Features.Set(connection);
        context.Features.Set(kind == ListenerKind.Local ? new LocalPeer(new UserPrincipal("uid:7", "unix-peer")) : null);
        if (authorization.Length > 0)
        {
            context.Request.Headers.Authorization = authorization
                .Replace("TOKEN", _token, StringComparison.Ordinal)
                .Replace("SANDBOX", _sandboxTokens.Issue("a", 1).Value, StringComparison.Ordinal);
        }

        return context;
    }

    private async Task<string> InvokeAsync(HttpContext context, bool allowUnauthenticated)
    {
        string? passed = null;
        var middleware = Middleware(
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
            allowUnauthenticated);
        await middleware.InvokeAsync(context);
        return passed
            ?? $"{context.Response.Headers["grpc-status"]} {Uri.UnescapeDataString(context.Response.Headers["grpc-message"].ToString())}";
    }

    private AuthMiddleware Middleware(RequestDelegate next, bool allowUnauthenticated) => new(
        next,
        Methods,
        _adminToken,
        _sandboxTokens,
        _sandboxes.Boots,
        new GatewayOptions
        {
            StateDirectory = _directory.Path,
            Database = new DatabaseUrl((string?)null),
            BindAddress = IPAddress.Loopback,
            AllowUnauthenticatedUsers = allowUnauthenticated,
        });
}
