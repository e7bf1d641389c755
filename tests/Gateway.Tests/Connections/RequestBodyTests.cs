using System.Buffers;
using System.IO.Pipelines;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using OpenShell.Gateway.Auth;
using OpenShell.Gateway.Services;
using OpenShell.TestKit;

namespace OpenShell.Gateway.Connections;

[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed class RequestBodyTests
{
    private const string GetSandbox = "/openshell.v1.OpenShell/GetSandbox";
    private const string HealthCheck = "/grpc.health.v1.Health/Check";
    private static readonly UserPrincipal Person = new("admin", "test");
    private static readonly SandboxPrincipal Guest = new("a", 1, DateTimeOffset.MaxValue);
    private readonly ManualTimeProvider _time = new();
    private readonly RequestMemory _memory = new();
    private readonly Pipe _body = new(new PipeOptions(pauseWriterThreshold: 0));
    private readonly DefaultHttpContext _context = new();
    private byte[]? _served;

    [Test]
    public async Task Request_InPieces_IsServedWhenItIsWhole()
    {
        var serving = ServeAsync(Person, GetSandbox);
        byte[] whole = [0, 0, 0, 0, 3, 1, 2, 3];
        foreach (var b in whole)
        {
            await _body.Writer.WriteAsync(new[] { b });
            Assert.That(_served, Is.Null);
        }

        await _body.Writer.CompleteAsync();
        await Eventually.EndsAsync(serving, "the call");

        Assert.That(_served, Is.EqualTo(whole));
        Assert.That(_memory.Bytes, Is.Zero);
    }

    [TestCase(false, 5)]
    [TestCase(true, 10)]
    public async Task Request_DoesNotEnd_CallEndsInItsTime(bool isGuest, int seconds)
    {
        var serving = isGuest
            ? ServeAsync(Guest, "/openshell.v1.OpenShell/RefreshSandboxToken")
            : ServeAsync(new AnonymousPrincipal(), HealthCheck);
        await _body.Writer.WriteAsync(new byte[100]);
        _time.Advance(TimeSpan.FromSeconds(seconds - 0.1));
        Assert.That(serving.IsCompleted, Is.False);

        _time.Advance(TimeSpan.FromSeconds(0.2));
        await Eventually.EndsAsync(serving, "the call");

        Assert.That(Answer, Is.EqualTo($"4 the request did not come in whole within {seconds} s"));
        Assert.That((_served, _memory.Bytes), Is.EqualTo(((byte[]?)null, 0L)));
    }

    [Test]
    public async Task Request_WithoutAToken_OfMoreThanAKibibyte_IsRefusedAtOnce()
    {
        var serving = ServeAsync(new AnonymousPrincipal(), HealthCheck);
        // Only said so far.
        await _body.Writer.WriteAsync(new byte[] { 0, 0, 0, 4, 1 });
        await Eventually.EndsAsync(serving, "the call");

        Assert.That(Answer, Is.EqualTo("8 the request has more than 1024 bytes, the most without a token"));
    }

    [Test]
    public async Task Request_LargerThanTheLibraryTakes_IsLeftToItAtOnce()
    {
        var serving = ServeAsync(Person, GetSandbox);
        await _body.Writer.WriteAsync(new byte[] { 0, 0, 0x40, 0, 1 });
        await Eventually.EndsAsync(serving, "the call");

        Assert.That(_served, Has.Length.EqualTo(5));
    }

    [Test]
    public async Task Request_MemoryOfAllIsUsed_IsRefused()
    {
        Assert.That(_memory.TryTake(RequestMemory.MaxBytes - 10), Is.True);
        var serving = ServeAsync(Person, GetSandbox);
        await _body.Writer.WriteAsync(new byte[10]);
        Assert.That(serving.IsCompleted, Is.False);
        await _body.Writer.WriteAsync(new byte[1]);
        await Eventually.EndsAsync(serving, "the call");

        Assert.That(Answer, Does.StartWith("8 the gateway holds 256 MiB of requests"));
        Assert.That(_memory.Bytes, Is.EqualTo(RequestMemory.MaxBytes - 10));
    }

    // Answered before it was there, it would be reset, too.
    [TestCase("ExposeService")]
    [TestCase("GetDraftPolicy")]
    public async Task Request_OfAnUnbuiltMethod_IsAnsweredWhenItIsWhole(string method)
    {
        await _body.Writer.WriteAsync(new byte[] { 0, 0, 0, 0, 0 });
        var serving = ServeAsync(Person, $"/openshell.v1.OpenShell/{method}");
        Assert.That((_served, serving.IsCompleted), Is.EqualTo(((byte[]?)null, false)));

        await _body.Writer.CompleteAsync();
        await Eventually.EndsAsync(serving, "the call");

        Assert.That(_served, Has.Length.EqualTo(5));
    }

    [Test]
    public async Task Request_OfManyMessages_IsNotWaitedFor()
    {
        var serving = ServeAsync(Guest, "/openshell.v1.OpenShell/PushSandboxLogs", read: false);

        await Eventually.EndsAsync(serving, "the call");

        Assert.That(_served, Is.Empty);
    }

    private string Answer =>
        $"{_context.Response.Headers["grpc-status"]} {Uri.UnescapeDataString(_context.Response.Headers["grpc-message"].ToString())}";

    private Task ServeAsync(Principal principal, string path, bool read = true)
    {
        _context.Request.Path = path;
        _context.SetPrincipal(principal);
        _context.Features.Set<IRequestBodyPipeFeature>(new Body(_body.Reader));
        var middleware = new RequestBodyMiddleware(
            async context =>
            {
                if (!read)
                {
                    _served = [];
                    return;
                }

                var result = await context.Request.BodyReader.ReadAsync();
                _served = result.Buffer.ToArray();
            },
            MethodSizes.OfRequests(),
            _memory,
            _time);
        return middleware.InvokeAsync(_context);
    }

    private sealed record Body(PipeReader Reader) : IRequestBodyPipeFeature;
}
