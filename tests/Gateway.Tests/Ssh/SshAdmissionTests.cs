using OpenShell.Gateway.Configuration;
using OpenShell.Gateway.Sandboxes;
using OpenShell.Gateway.SshAccess;
using OpenShell.Gateway.Store;

namespace OpenShell.Gateway.Ssh;

/// <summary>How a person with a key names a sandbox at the public SSH gateway.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed class SshAdmissionTests : IAsyncDisposable
{
    private const string Key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f";

    private readonly SqliteStore _database = new(new DatabaseUrl((string?)null));
    private readonly SandboxStore _sandboxes;
    private readonly SshKeyStore _keys;
    private readonly SshPublicKey _key;

    public SshAdmissionTests()
    {
        _sandboxes = new SandboxStore(_database, TimeProvider.System);
        _keys = new SshKeyStore(_database, TimeProvider.System);
        Assert.That(SshPublicKey.Parse(Key).Succeeded(out _key!, out _));
    }

    public ValueTask DisposeAsync() => _database.DisposeAsync();

    [TestCase("box", "mine")]
    [TestCase("box.default", "mine")]
    [TestCase("box.team", "theirs")]
    [TestCase("only.team", "only")]
    [TestCase("only", null)]
    [TestCase("box.nowhere", null)]
    [TestCase("box.", null)]
    [TestCase(".team", null)]
    [TestCase("box.team.more", null)]
    [TestCase("box/team", null)]
    [TestCase("", null)]
    public async Task ByKeyAsync_UserName_IsASandboxOfAWorkspace(string user, string? sandboxId)
    {
        await _keys.PutAsync(_key, CancellationToken.None);
        await CreateAsync("mine", "default", "box");
        await CreateAsync("theirs", "team", "box");
        await CreateAsync("only", "team", "only");

        using var lease = await Admission().ByKeyAsync(_key, user, CancellationToken.None);

        Assert.That(lease?.SandboxId, Is.EqualTo(sandboxId));
    }

    [Test]
    public async Task ByKeyAsync_KeyThatIsNotRegistered_FindsNothing()
    {
        await CreateAsync("mine", "default", "box");

        Assert.That(await Admission().ByKeyAsync(_key, "box", CancellationToken.None), Is.Null);
    }

    // Access tokens have no part in it.
    private SshAdmission Admission() => new(null!, _keys, _sandboxes, new AccessLeases(new SshAccessOptions()));

    private Task CreateAsync(string id, string workspace, string name) => _sandboxes.CreateAsync(
        SandboxRecords.Create(id) with { Workspace = workspace, Name = name }, CancellationToken.None);
}
