using OpenShell.Gateway.Configuration;

namespace OpenShell.Gateway.Store;

public sealed class SqliteMemoryConformanceTests : ObjectStoreConformance
{
    private protected override (IObjectStore Store, IAsyncDisposable Owner) Open()
    {
        var store = new SqliteStore(new DatabaseUrl((string?)null));
        return (store, store);
    }
}
