using OpenShell.Gateway.Configuration;
using OpenShell.Gateway.Store;

namespace OpenShell.Gateway.Sandboxes;

/// <summary>What is written while a sandbox is looked up the first time is never missed.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public sealed class CurrentBootsTests : IAsyncDisposable
{
    private readonly SqliteStore _database = new(new DatabaseUrl((string?)null));
    private readonly InterruptedStore _reads;
    private readonly SandboxStore _store;

    public CurrentBootsTests()
    {
        _reads = new InterruptedStore(_database);
        _store = new SandboxStore(_reads, TimeProvider.System);
    }

    [SetUp]
    public Task CreateSandboxAsync() => _store.CreateAsync(SandboxRecords.Create(), CancellationToken.None);

    public ValueTask DisposeAsync() => _database.DisposeAsync();

    // The change comes after the first look, and after the second.
    [TestCase(1)]
    [TestCase(2)]
    public async Task EnterAsync_StartedAgainDuringTheLook_OldBootIsRefusedOrEnds(int look)
    {
        _reads.AfterRead(look, StartAgainAsync);

        var (over, refusal) = await _store.Boots.EnterAsync("a", 1, CancellationToken.None);

        Assert.That(refusal is not null || over.IsCancellationRequested, "boot 1 is over");
        Assert.That((await _store.Boots.EnterAsync("a", 2, CancellationToken.None)).Refusal, Is.Null);
        Assert.That((await _store.Boots.EnterAsync("a", 1, CancellationToken.None)).Refusal, Is.Not.Null);
    }

    [TestCase(1)]
    [TestCase(2)]
    public async Task EnterAsync_DeletedDuringTheLook_IsRefusedOrEnds(int look)
    {
        _reads.AfterRead(look, () => _store.DeleteAsync("a", CancellationToken.None));

        var (over, refusal) = await _store.Boots.EnterAsync("a", 1, CancellationToken.None);

        Assert.That(refusal is not null || over.IsCancellationRequested, "the sandbox is gone");
        Assert.That((await _store.Boots.EnterAsync("a", 1, CancellationToken.None)).Refusal, Is.EqualTo("the sandbox of this token was deleted"));
    }

    [Test]
    public async Task Written_SameBoot_EndsNothing()
    {
        var (over, _) = await _store.Boots.EnterAsync("a", 1, CancellationToken.None);

        var record = await _store.GetAsync("a", CancellationToken.None);
        await _store.UpdateAsync(record! with { ExitCode = 3 }, CancellationToken.None);

        Assert.That(over.IsCancellationRequested, Is.False);
    }

    private async Task StartAgainAsync()
    {
        var record = await _store.GetAsync("a", CancellationToken.None);
        await _store.UpdateAsync(record! with { BootEpoch = 2 }, CancellationToken.None);
    }

    private sealed class InterruptedStore(IObjectStore inner) : IObjectStore
    {
        private int _reads;
        private int _at;
        private Func<Task>? _change;

        public void AfterRead(int number, Func<Task> change) => (_reads, _at, _change) = (0, number, change);

        public async Task<StoredObject?> GetAsync(string type, string id, CancellationToken cancellationToken)
        {
            var row = await inner.GetAsync(type, id, cancellationToken);
            if (++_reads == _at && _change is { } change)
            {
                _change = null;
                await change();
            }

            return row;
        }

        public Task<StoreResult> CreateAsync(StoredObject value, CancellationToken cancellationToken) => inner.CreateAsync(value, cancellationToken);

        public Task<StoredObject?> GetByNameAsync(string type, string workspace, string name, CancellationToken cancellationToken) =>
            inner.GetByNameAsync(type, workspace, name, cancellationToken);

        public Task<StoreResult> UpdateAsync(StoredObject value, ulong expectedVersion, CancellationToken cancellationToken) =>
            inner.UpdateAsync(value, expectedVersion, cancellationToken);

        public Task<StoreResult> DeleteAsync(string type, string id, CancellationToken cancellationToken) => inner.DeleteAsync(type, id, cancellationToken);

        public Task<ObjectPage> ListAsync(ObjectQuery query, CancellationToken cancellationToken) => inner.ListAsync(query, cancellationToken);

        public Task<IReadOnlyList<StoredObject>> ListAfterAsync(string type, string afterId, int limit, CancellationToken cancellationToken) =>
            inner.ListAfterAsync(type, afterId, limit, cancellationToken);

        public Task<StoreResult> CreateBehindAsync(ObjectFence fence, StoredObject value, CancellationToken cancellationToken) =>
            inner.CreateBehindAsync(fence, value, cancellationToken);

        public Task<IReadOnlyList<string>> ListTypesAsync(string workspace, CancellationToken cancellationToken) =>
            inner.ListTypesAsync(workspace, cancellationToken);

        public Task PingAsync(CancellationToken cancellationToken) => inner.PingAsync(cancellationToken);
    }
}
