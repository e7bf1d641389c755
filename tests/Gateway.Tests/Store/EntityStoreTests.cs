using OpenShell.Gateway.Configuration;
using OpenShell.Gateway.Sandboxes;

namespace OpenShell.Gateway.Store;

[TestFixture]
internal sealed class EntityStoreTests
{
    // More than a page.
    private const int Count = 1005;

    [Test]
    public async Task ListAllAsync_RowDeletedBetweenPages_SkipsNoOther()
    {
        await using var database = new SqliteStore(new DatabaseUrl((string?)null));
        var store = new InterceptedStore(database);
        var sandboxes = new SandboxStore(store, TimeProvider.System);
        var ids = Enumerable.Range(0, Count).Select(i => $"s{i:0000}").ToList();
        await Task.WhenAll(ids.Select(id => sandboxes.CreateAsync(SandboxRecords.Create(id), CancellationToken.None)));
        store.AfterPage = () =>
        {
            store.AfterPage = null;
            return sandboxes.DeleteAsync(ids[0], CancellationToken.None);
        };

        var all = await sandboxes.ListAllAsync(CancellationToken.None);

        Assert.That(all.Select(s => s.Id), Is.SupersetOf(ids.Skip(1)).And.Unique);
    }
}
