using OpenShell.Gateway.Store;

namespace OpenShell.Gateway.Model;

/// <summary>Rows in memory. Every operation waits for its turn first, so anything may happen before it.</summary>
internal sealed class ModelStore : IObjectStore
{
    private readonly Dictionary<string, StoredObject> _rows = [];

    public async Task<StoreResult> CreateAsync(StoredObject value, CancellationToken cancellationToken)
    {
        await Task.Yield();
        _rows.Add(value.Id, value with { ResourceVersion = 1 });
        return new StoreResult(StoreOutcome.Done, 1);
    }

    public async Task<StoredObject?> GetAsync(string type, string id, CancellationToken cancellationToken)
    {
        await Task.Yield();
        return _rows.GetValueOrDefault(id);
    }

    public async Task<StoreResult> UpdateAsync(StoredObject value, ulong expectedVersion, CancellationToken cancellationToken)
    {
        await Task.Yield();
        var version = _rows[value.Id].ResourceVersion;
        if (version != expectedVersion)
        {
            return new StoreResult(StoreOutcome.Conflict, version);
        }

        _rows[value.Id] = value with { ResourceVersion = version + 1 };
        return new StoreResult(StoreOutcome.Done, version + 1);
    }

    public Task<StoreResult> DeleteAsync(string type, string id, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<StoredObject?> GetByNameAsync(string type, string workspace, string name, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    public Task<ObjectPage> ListAsync(ObjectQuery query, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<IReadOnlyList<StoredObject>> ListAfterAsync(string type, string afterId, int limit, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    public Task<StoreResult> CreateBehindAsync(ObjectFence fence, StoredObject value, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    public Task<IReadOnlyList<string>> ListTypesAsync(string workspace, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    public Task PingAsync(CancellationToken cancellationToken) => throw new NotSupportedException();
}
