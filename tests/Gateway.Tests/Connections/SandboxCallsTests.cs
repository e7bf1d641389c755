using OpenShell.Gateway.Auth;
using OpenShell.Protocol.Outcomes;
using OpenShell.TestKit;

namespace OpenShell.Gateway.Connections;

internal sealed class SandboxCallsTests
{
    private const string Api = "/openshell.v1.OpenShell/";
    private static readonly SandboxPrincipal A = new("a", 1, DateTimeOffset.MaxValue);
    private static readonly SandboxPrincipal B = new("b", 1, DateTimeOffset.MaxValue);
    private readonly ManualTimeProvider _time = new();
    private SandboxCalls _calls = null!;

    [SetUp]
    public void Create() => _calls = new SandboxCalls(maxRelays: 3 + 2, _time);

    [TestCase("ConnectSupervisor", 8)]
    [TestCase("PushSandboxLogs", 4)]
    [TestCase("RelayStream", 69)]
    [TestCase("ReportMainProcessExit", 16)]
    public void Begin_OneMoreAtATime_IsRefusedUntilOneEnds(string method, int most)
    {
        var places = Enumerable.Range(0, most).Select(_ => Begun(A, method)).ToList();

        var refusal = _calls.Begin(A, Api + method).Refusal;
        Assert.That((refusal?.Kind, refusal?.Message), Is.EqualTo((FailureKind.ResourceExhausted, refusal?.Message)));
        Assert.That(refusal?.Message, Does.Contain($"{most} calls"));
        Begun(B, method).Dispose();

        places[0].Dispose();
        Begun(A, method);
    }

    [TestCase("ConnectSupervisor", 120)]
    [TestCase("PushSandboxLogs", 6000)]
    [TestCase("RefreshSandboxToken", 600)]
    public void Begin_OneMoreInAMinute_IsRefusedUntilOneHasComeBack(string method, int most)
    {
        for (var i = 0; i < most; i++)
        {
            Begun(A, method).Dispose();
        }

        Assert.That(_calls.Begin(A, Api + method).Refusal?.Message, Does.Contain($"{most} calls"));
        Begun(B, method).Dispose();
        _calls.Forget();
        Assert.That(_calls.Begin(A, Api + method).Refusal, Is.Not.Null, "it is not forgotten before its time");

        _time.Advance(TimeSpan.FromSeconds(60.5 / most));
        Begun(A, method).Dispose();
    }

    [Test]
    public void Begin_Relays_AreNotCountedByTheMinute()
    {
        for (var i = 0; i < 100_000; i++)
        {
            Begun(A, "RelayStream").Dispose();
        }
    }

    private IDisposable Begun(SandboxPrincipal sandbox, string method)
    {
        var (place, refusal) = _calls.Begin(sandbox, Api + method);
        Assert.That(refusal, Is.Null);
        return place!;
    }
}
