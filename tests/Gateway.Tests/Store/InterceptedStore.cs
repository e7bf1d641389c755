namespace OpenShell.Gateway.Store;

/// <summary>A store in which something happens, or one side is held, before or after an operation.</summary>
internal sealed class InterceptedStore(IObjectStore inner) : IObjectStore
{
    public Func<Task>? BeforeCreate { get; set; }

    /// <summary>The row has been read; whoever asked does not have it yet.</summary>
    public Func<Task>? AfterGet { get; set; }

    public Func<Task>? BeforeUpdate { get; set; }

    /// <summary>A page of rows has been read.</summary>
    public Func<Task>? AfterPage { get; set; }

    public int Updates { get; private set; }

    public async Task<StoreResult> CreateAsync(StoredObject value, CancellationToken cancellationToken)
    {
        await (BeforeCreate?.Invoke() ?? Task.CompletedTask);
        return await inner.CreateAsync(value, cancellationToken);
    }

    public async Task<StoreResult> CreateBehindAsync(ObjectFence fence, StoredObject value, CancellationToken cancellationToken)
    {
        await (BeforeCreate?.Invoke() ?? Task.CompletedTask);
        return await inner.CreateBehindAsync(fence, value, cancellationToken);
    }

    public async Task<StoredObject?> GetAsync(string type, string id, CancellationToken cancellationToken)
    {
        var row = await inner.GetAsync(type, id, cancellationToken);
        await (AfterGet?.Invoke() ?? Task.CompletedTask);
        return row;
    }

    public Task<StoredObject?> GetByNameAsync(string type, string workspace, string name, CancellationToken cancellationToken) =>
        inner.GetByNameAsync(type, workspace, name, cancellationToken);

    public Task<ObjectPage> ListAsync(ObjectQuery query, CancellationToken cancellationToken) => inner.ListAsync(query, cancellationToken);

    public async Task<IReadOnlyList<StoredObject>> ListAfterAsync(string type, string afterId, int limit, CancellationToken cancellationToken)
    {
        var rows = await inner.ListAfterAsync(type, afterId, limit, cancellationToken);
        await (AfterPage?.Invoke() ?? Task.CompletedTask);
        return rows;
    }

    public async Task<StoreResult> UpdateAsync(StoredObject value, ulong expectedVersion, CancellationToken cancellationToken)
    {
        Updates++;
        await (BeforeUpdate?.Invoke() ?? Task.CompletedTask);
        return await inner.UpdateAsync(value, expectedVersion, cancellationToken);
    }

    public Task<StoreResult> DeleteAsync(string type, string id, CancellationToken cancellationToken) => inner.DeleteAsync(type, id, cancellationToken);

    public Task<IReadOnlyList<string>> ListTypesAsync(string workspace, CancellationToken cancellationToken) =>
        inner.ListTypesAsync(workspace, cancellationToken);

    public Task PingAsync(CancellationToken cancellationToken) => inner.PingAsync(cancellationToken);
}
