using System.Collections.Immutable;
using System.Text;
using OpenShell.Gateway.Configuration;
using OpenShell.Gateway.Store;
using OpenShell.TestKit;

namespace OpenShell.Gateway.SshAccess;

public sealed class SshKeyStoreTests
{
    private SqliteStore _database = null!;
    private SshKeyStore _keys = null!;

    [SetUp]
    public void Open()
    {
        _database = new SqliteStore(new DatabaseUrl((string?)null));
        _keys = new SshKeyStore(_database, new ManualTimeProvider());
    }

    [TearDown]
    public async Task CloseAsync() => await _database.DisposeAsync();

    [TestCase("")]
    [TestCase("null")]
    [TestCase("{}")]
    [TestCase("""{"Key":"ssh-ed25519","Comment":"without its key"}""")]
    [TestCase("""{"Key":"ssh-ed25519 AAAA","Comm""")]
    public async Task Row_Damaged_IsListedLetsNobodyInAndCanBeRemoved(string payload)
    {
        await _database.CreateAsync(
            new StoredObject
            {
                Type = "ssh_key",
                Id = "SHA256:damaged",
                Workspace = "",
                Name = "SHA256:damaged",
                Labels = ImmutableDictionary<string, string>.Empty,
                CreatedAt = DateTimeOffset.UnixEpoch,
                UpdatedAt = DateTimeOffset.UnixEpoch,
                Payload = Encoding.UTF8.GetBytes(payload),
            },
            CancellationToken.None);

        var listed = (await _keys.ListAllAsync(CancellationToken.None)).Single();

        Assert.That((listed.Fingerprint, listed.KeyType, listed.Comment), Is.EqualTo(("SHA256:damaged", "unreadable", "damaged in the database; remove it and add it again")));
        // Of no type that a client's key can have.
        Assert.That(SshPublicKey.Parse(listed.Key).Succeeded(out _, out _), Is.False);
        Assert.That(await _keys.DeleteAsync("SHA256:damaged", CancellationToken.None), Is.EqualTo(StoreOutcome.Done));
    }
}
