using OpenShell.Protocol.V1;
using OpenShell.TestKit;

namespace OpenShell.Functional;

/// <summary>
/// The table of docs/state-files.md for the gateway: each damage to each file of a state directory that was used, and the
/// real gateway started on it. It says in one line what is wrong and leaves it alone, or goes on with nothing lost.
/// </summary>
public sealed class GatewayDamageTests
{
    private TestDirectory _directory = null!;
    private HostDriver _driver = null!;
    private string _name = "";

    private string[] Arguments => ["--compute-driver-socket", _driver.Socket];

    [SetUp]
    public async Task UseAStateDirectoryAsync()
    {
        _directory = new TestDirectory();
        _driver = await HostDriver.StartAsync(_directory);
        await using var gateway = await StartAsync();
        _name = (await gateway.CreateReadyAsync()).Metadata.Name;
    }

    [TearDown]
    public async Task CleanUpAsync()
    {
        await _driver.DisposeAsync();
        _directory.Dispose();
    }

    [TestCase("openshell.db", Damage.Missing, "is missing", "--new-database")]
    [TestCase("openshell.db", Damage.Empty, "is empty", "--new-database")]
    [TestCase("openshell.db", Damage.Truncated, "put it back from a copy")]
    [TestCase("openshell.db", Damage.Garbage, "put it back from a copy")]
    [TestCase("openshell.db", Damage.Directory, "put it back from a copy")]
    [TestCase("admin.token", Damage.Empty, "is empty")]
    [TestCase("admin.token", Damage.Truncated, "holds no token, or a damaged one")]
    [TestCase("admin.token", Damage.Garbage, "holds no token, or a damaged one")]
    [TestCase("admin.token", Damage.Directory, "is a directory")]
    [TestCase("admin.token", Damage.Open, "can be read by other users", "chmod 600")]
    [TestCase("sandbox-token.key", Damage.Empty, "is empty")]
    [TestCase("sandbox-token.key", Damage.Truncated, "holds no key")]
    [TestCase("sandbox-token.key", Damage.Garbage, "holds no key")]
    [TestCase("sandbox-token.key", Damage.Directory, "is a directory")]
    [TestCase("sandbox-token.key", Damage.Open, "can be read by other users", "chmod 600")]
    [TestCase("request-fingerprint.key", Damage.Empty, "is empty")]
    [TestCase("request-fingerprint.key", Damage.Truncated, "holds no key")]
    [TestCase("request-fingerprint.key", Damage.Garbage, "holds no key")]
    [TestCase("request-fingerprint.key", Damage.Directory, "is a directory")]
    [TestCase("request-fingerprint.key", Damage.Open, "can be read by other users", "chmod 600")]
    [TestCase("gateway.lock", Damage.Directory, "cannot be opened", "move what is there away")]
    [TestCase("run/supervisor.sock", Damage.Garbage, "is no socket", "move it away")]
    [TestCase("run/supervisor.sock", Damage.Directory, "is no socket", "move it away")]
    public async Task Start_Damaged_OneLineThatNamesItAndNothingIsChanged(string file, Damage damage, params string[] parts)
    {
        var path = _directory.File($"gateway/{file}");
        damage.Do(path);
        var before = Snapshot();

        var run = await ProgramRun.RunAsync("openshell-gateway", ["--port", "0", "--state-dir", _directory.File("gateway"), .. Arguments]);

        run.AssertOneLine(1, [$"openshell-gateway: ", path, .. parts]);
        Assert.That(Snapshot(), Is.EqualTo(before));
    }

    [TestCase("gateway.lock", Damage.Missing)]
    [TestCase("gateway.lock", Damage.Garbage)]
    [TestCase("run/supervisor.sock", Damage.Missing)]
    [TestCase("openshell.db", Damage.Open)]
    [TestCase("admin.token", Damage.Missing)]
    [TestCase("request-fingerprint.key", Damage.Missing)]
    public async Task Start_DamageThatCostsNothing_GoesOn(string file, Damage damage)
    {
        damage.Do(_directory.File($"gateway/{file}"));

        await using var gateway = await StartAsync();

        var sandbox = (await gateway.Client.GetSandboxAsync(new GetSandboxRequest { WorkspaceScope = Scope.Default, Name = _name })).Sandbox;
        Assert.That(sandbox.Status.Phase, Is.Not.EqualTo(SandboxPhase.Error));
    }

    [Test]
    public async Task Start_KeyOfTheTokensIsLost_RunningSandboxesAreRestartedAndSaidSo()
    {
        // Killed, so that the machine still runs, with a token of the key that is lost.
        var gateway = await StartAsync();
        await gateway.WaitForPhaseAsync(_name, SandboxPhase.Ready);
        await gateway.KillAsync();
        await gateway.DisposeAsync();
        Damage.Missing.Do(_directory.File("gateway/sandbox-token.key"));

        await using var again = await StartAsync();

        await Eventually.BecomesTrueAsync(
            () => again.Log.Contains("The key of the sandboxes' tokens is new: sandbox", StringComparison.Ordinal), "it is said");
        await again.WaitForPhaseAsync(_name, SandboxPhase.Ready);
    }

    [Test]
    public async Task Start_NewDatabase_TakesTheDriversSandboxesOver()
    {
        Damage.Missing.Do(_directory.File("gateway/openshell.db"));

        await using var gateway = await GatewayProcess.StartAsync(_directory, ["--new-database", .. Arguments]);

        await Eventually.BecomesTrueAsync(
            async () => (await gateway.Client.ListSandboxesAsync(new ListSandboxesRequest { WorkspaceScope = Scope.Default })).Sandboxes.Count == 1,
            () => $"{_name} is there again:\n{gateway.Log}");
        await gateway.WaitForPhaseAsync(_name, SandboxPhase.Stopped);
        await gateway.Client.StartSandboxAsync(new StartSandboxRequest { WorkspaceScope = Scope.Default, Name = _name });
        await gateway.WaitForPhaseAsync(_name, SandboxPhase.Ready);
    }

    [Test]
    public async Task Start_DriverKeepsSandboxesButThereIsNoState_IsNotBegunAsIfNew()
    {
        Directory.Delete(_directory.File("gateway"), recursive: true);
        Directory.CreateDirectory(_directory.File("vm-driver/sandboxes/some"));

        var run = await ProgramRun.RunAsync("openshell-gateway", "--port", "0", "--state-dir", _directory.File("gateway"));

        run.AssertOneLine(1, _directory.File("gateway/openshell.db"), $"the driver keeps sandboxes in {_directory.File("vm-driver/sandboxes")}", "--new-database");
    }

    private Task<GatewayProcess> StartAsync() => GatewayProcess.StartAsync(_directory, Arguments);

    private List<string> Snapshot() =>
        [.. Directory.EnumerateFileSystemEntries(_directory.File("gateway"), "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal)];
}
