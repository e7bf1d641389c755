using OpenShell.Gateway.Configuration;
using OpenShell.TestKit;

namespace OpenShell.Gateway.Store;

[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public sealed class SqliteFileConformanceTests : ObjectStoreConformance, IDisposable
{
    private readonly TestDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    private protected override (IObjectStore Store, IAsyncDisposable Owner) Open()
    {
        var store = new SqliteStore(new DatabaseUrl(_directory.File("openshell.db")));
        return (store, store);
    }
}
