using System.Threading.Channels;
using Microsoft.Data.Sqlite;
using OpenShell.Gateway.Configuration;

namespace OpenShell.Gateway.Store;

/// <summary>
/// The store on SQLite: one connection, owned by one loop. Whatever has queued up while a transaction was being
/// committed goes into the next one (group commit), and each caller hears of its own outcome after the commit.
/// </summary>
internal sealed class SqliteStore : IObjectStore, IRequestStore, IAsyncDisposable
{
    // Callers wait when it is full: that is the back-pressure of a slow disk.
    private const int QueueLength = 1024;
    private const int MaxBatch = 256;

    private readonly StoreReserve _reserve;
    private readonly SqliteConnection _connection;
    private readonly Channel<SqliteOperation> _queue = Channel.CreateBounded<SqliteOperation>(
        new BoundedChannelOptions(QueueLength) { SingleReader = true });

    private readonly Task _loop;

    /// <summary>Opens the database and starts the loop.</summary>
    /// <param name="earlier">What shows that there was one here before: then a new one is not begun. Null if nothing does.</param>
    /// <param name="reserve">Space for what must be written on a full disk; null has none.</param>
    /// <exception cref="StoreUnavailableException">It cannot be opened.</exception>
    public SqliteStore(DatabaseUrl url, string? earlier = null, StoreReserve? reserve = null)
    {
        _reserve = reserve ?? new StoreReserve(null);
        _connection = Open(url, earlier);
        _loop = Task.Factory.StartNew(RunAsync, CancellationToken.None, TaskCreationOptions.DenyChildAttach, TaskScheduler.Default).Unwrap();
    }

    public Task<StoreResult> CreateAsync(StoredObject value, CancellationToken cancellationToken) =>
        EnqueueAsync(c => SqliteObjects.Create(c, value), cancellationToken);

    public Task<StoreResult> CreateBehindAsync(ObjectFence fence, StoredObject value, CancellationToken cancellationToken) =>
        EnqueueAsync(c => SqliteObjects.CreateBehind(c, fence, value), cancellationToken);

    public Task<StoredObject?> GetAsync(string type, string id, CancellationToken cancellationToken) =>
        EnqueueAsync(c => SqliteObjects.Get(c, type, id), cancellationToken);

    public Task<StoredObject?> GetByNameAsync(string type, string workspace, string name, CancellationToken cancellationToken) =>
        EnqueueAsync(c => SqliteObjects.GetByName(c, type, workspace, name), cancellationToken);

    public Task<ObjectPage> ListAsync(ObjectQuery query, CancellationToken cancellationToken) =>
        EnqueueAsync(c => SqliteObjects.List(c, query), cancellationToken);

    public Task<IReadOnlyList<StoredObject>> ListAfterAsync(string type, string afterId, int limit, CancellationToken cancellationToken) =>
        EnqueueAsync(c => SqliteObjects.ListAfter(c, type, afterId, limit), cancellationToken);

    public Task<StoreResult> UpdateAsync(StoredObject value, ulong expectedVersion, CancellationToken cancellationToken) =>
        EnqueueAsync(c => SqliteObjects.Update(c, value, expectedVersion), cancellationToken, mayUseReserve: true);

    public Task<StoreResult> DeleteAsync(string type, string id, CancellationToken cancellationToken) =>
        EnqueueAsync(c => SqliteObjects.Delete(c, type, id), cancellationToken, mayUseReserve: true);

    public Task<IReadOnlyList<string>> ListTypesAsync(string workspace, CancellationToken cancellationToken) =>
        EnqueueAsync(c => SqliteObjects.ListTypes(c, workspace), cancellationToken);

    public Task PingAsync(CancellationToken cancellationToken) =>
        EnqueueAsync(SqliteObjects.Ping, cancellationToken);

    public Task<RequestBegin> BeginRequestAsync(
        StoredRequest request, DateTimeOffset expired, RequestQuota quota, CancellationToken cancellationToken) =>
        EnqueueAsync(c => SqliteRequests.Begin(c, request, expired, quota), cancellationToken, request.MayUseReserve);

    public Task<StoredRequest?> FindRequestAsync(RequestKey key, DateTimeOffset expired, CancellationToken cancellationToken) =>
        EnqueueAsync(c => SqliteRequests.Find(c, key, expired), cancellationToken);

    public Task<bool> CompleteRequestAsync(RequestKey key, RequestResult result, DateTimeOffset time, CancellationToken cancellationToken) =>
        EnqueueAsync(c => SqliteRequests.Complete(c, key, result, time), cancellationToken, mayUseReserve: true);

    public Task<bool> FailRequestAsync(RequestKey key, DateTimeOffset time, CancellationToken cancellationToken) =>
        EnqueueAsync(c => SqliteRequests.Fail(c, key, time), cancellationToken, mayUseReserve: true);

    /// <summary>Refuses new operations, finishes those that were accepted, and closes the file.</summary>
    public async ValueTask DisposeAsync()
    {
        _queue.Writer.TryComplete();
        await _loop;
        await _connection.DisposeAsync();
    }

    // An orderly end removes SQLite's two files beside the database, and a full disk has no room to make them again.
    private SqliteConnection Open(DatabaseUrl url, string? earlier)
    {
        try
        {
            return SqliteDatabase.Open(url, earlier);
        }
        catch (StoreUnavailableException e) when (e.IsFull && _reserve.TryRelease())
        {
            return SqliteDatabase.Open(url, earlier);
        }
    }

    private async Task<T> EnqueueAsync<T>(Func<SqliteConnection, T> work, CancellationToken cancellationToken, bool mayUseReserve = false)
    {
        var operation = new SqliteOperation<T>(work) { MayUseReserve = mayUseReserve };
        try
        {
            await _queue.Writer.WriteAsync(operation, cancellationToken);
        }
        catch (ChannelClosedException)
        {
            throw new StoreUnavailableException("the database is being closed");
        }

        // Once queued it will happen: the caller learns the outcome even if it was cancelled meanwhile.
        return await operation.Completion;
    }

    private async Task RunAsync()
    {
        var batch = new List<SqliteOperation>(MaxBatch);
        while (await _queue.Reader.WaitToReadAsync())
        {
            while (batch.Count < MaxBatch && _queue.Reader.TryRead(out var operation))
            {
                batch.Add(operation);
            }

            Commit(batch);
            batch.Clear();
        }
    }

    private void Commit(List<SqliteOperation> batch)
    {
        var begun = StoreMetrics.Begin();
        try
        {
            using (var transaction = _connection.BeginTransaction(deferred: true))
            {
                foreach (var operation in batch)
                {
                    operation.Run(_connection);
                }

                transaction.Commit();
            }

            StoreMetrics.Committed(begun, batch.Count);
            batch.ForEach(o => o.Complete());
        }
        catch (Exception) when (batch.Count > 1)
        {
            // Nothing of the batch was written. Whoever is at fault fails alone; the others only happened to be in the same batch.
            batch.ForEach(o => Commit([o]));
        }
        catch (SqliteException e) when (SqliteDatabase.IsFull(e) && batch[0].MayUseReserve && _reserve.TryRelease())
        {
            Commit(batch);
        }
        catch (SqliteException e)
        {
            StoreMetrics.Failed(batch.Count);
            var unavailable = SqliteDatabase.IsFull(e)
                ? new StoreUnavailableException(
                    $"the disk is full: nothing was changed; free some space at {_connection.DataSource}", e)
                { IsFull = true }
                : new StoreUnavailableException($"the database does not answer: {SqliteDatabase.Reason(e)}", e);
            batch.ForEach(o => o.Fail(unavailable));
        }
        catch (Exception e)
        {
            batch.ForEach(o => o.Fail(e));
        }
    }
}
