using System.Text;
using OpenShell.Gateway.Configuration;
using OpenShell.Gateway.Store;
using OpenShell.TestKit;

namespace OpenShell.Gateway.Sandboxes;

internal sealed class SandboxStoreTests
{
    private SqliteStore _database = null!;
    private SandboxStore _store = null!;

    [SetUp]
    public void Open() => (_database, _store) = Open(new SqliteStore(new DatabaseUrl((string?)null)));

    [TearDown]
    public ValueTask CloseAsync() => _database.DisposeAsync();

    [Test]
    public async Task GetAsync_RowOfAGatewayThatKnewLess_IsReadWithWhatThatMeans()
    {
        await _store.CreateAsync(SandboxRecords.Create(), CancellationToken.None);
        var row = (await _database.GetAsync("sandbox", "a", CancellationToken.None))!;
        var old = """{"Spec":"","Annotations":{},"Phase":"Error","Conditions":[],"BootEpoch":3,"InstanceId":"boot-2","ExitCode":7}""";
        await _database.UpdateAsync(row with { Payload = Encoding.UTF8.GetBytes(old) }, row.ResourceVersion, CancellationToken.None);

        var record = (await _store.GetAsync("a", CancellationToken.None))!;

        Assert.That((record.IsUnreadable, record.Phase, record.BootEpoch, record.Run, record.ExitCode), Is.EqualTo((false, SandboxPhase.Error, 3, 3, (int?)7)));
        Assert.That((record.RestartPolicy, record.HostKeyFingerprint), Is.EqualTo((SandboxRestartPolicy.Never, "")));
        Assert.That((record.Admission, record.AdmissionOfThisBoot, record.LoadedPolicyVersion), Is.EqualTo(((ConfigurationAdmission?)null, AdmissionState.Unspecified, 0u)));
        Assert.That((record.Provisioning, record.NextRestart, record.RestartCount), Is.EqualTo(((ProvisioningAttempt?)null, (DateTimeOffset?)null, 0)));
    }

    [Test]
    public async Task GetAsync_AdmissionOfAGatewayThatCountedEpochsOnly_IsOfItsRun()
    {
        await _store.CreateAsync(SandboxRecords.Create(), CancellationToken.None);
        var row = (await _database.GetAsync("sandbox", "a", CancellationToken.None))!;
        var old = """{"Phase":"Ready","BootEpoch":3,"Admission":{"InstanceId":"s1","BootEpoch":3,"State":"Accepted","Revision":{},"Error":""}}""";
        await _database.UpdateAsync(row with { Payload = Encoding.UTF8.GetBytes(old) }, row.ResourceVersion, CancellationToken.None);

        var record = (await _store.GetAsync("a", CancellationToken.None))!;

        Assert.That((record.Run, record.AdmissionOfThisBoot), Is.EqualTo((3, AdmissionState.Accepted)));
    }

    [Test]
    public async Task UpdateAsync_WholeRecord_IsReadAsItWasWritten()
    {
        await _store.CreateAsync(SandboxRecords.Create(), CancellationToken.None);
        var at = SandboxRecords.Created.AddMinutes(1);
        var record = (await _store.GetAsync("a", CancellationToken.None))! with
        {
            Phase = SandboxPhase.Completed,
            Run = 5,
            ExitCode = 0,
            ExitEpoch = 1,
            MainProcessStarted = at,
            OutputAwaitedUntil = at,
            RestartPolicy = SandboxRestartPolicy.Always,
            RestartCount = 4,
            NextRestart = at,
            Provisioning = new ProvisioningAttempt("try", at) { TimedOut = at, CleanupError = "no", CleanupRetry = at },
            AwaitsAttachment = true,
            HostKeyFingerprint = "SHA256:abc",
            Admission = new ConfigurationAdmission("s1", 1, AdmissionState.Rejected, new ConfigurationRevision(1, "hash", 2, 3)) { Error = "why" },
            LoadedPolicyVersion = 1,
        };

        var (_, written) = await _store.UpdateAsync(record, CancellationToken.None);

        var read = (await _store.GetAsync("a", CancellationToken.None))!;
        Assert.That(read with { Spec = default, Conditions = [] }, Is.EqualTo(written with { Spec = default, Conditions = [] }));
    }

    private static (SqliteStore Database, SandboxStore Store) Open(SqliteStore database) => (database, new SandboxStore(database, new ManualTimeProvider()));
}
