using System.Collections.Immutable;

namespace OpenShell.Gateway.Store;

/// <summary>
/// Where the gateway keeps what must survive it. Every method is atomic and durable when its task completes.
/// Writers race by resource version: of two updates that name the same version one is <see cref="StoreOutcome.Done"/>
/// and the other <see cref="StoreOutcome.Conflict"/>, with nothing of it written. Thread-safe.
/// All methods throw <see cref="StoreUnavailableException"/> when the database does not take the operation.
/// </summary>
internal interface IObjectStore
{
    /// <summary>Adds a row with version 1. AlreadyExists if its id, or its name in its workspace, is taken.</summary>
    Task<StoreResult> CreateAsync(StoredObject value, CancellationToken cancellationToken);

    /// <summary>
    /// As <see cref="CreateAsync"/>, if another row is there in the version that the caller has seen: Conflict if it is not.
    /// Whoever changes that row knows that nothing is created behind the old version any more.
    /// </summary>
    Task<StoreResult> CreateBehindAsync(ObjectFence fence, StoredObject value, CancellationToken cancellationToken);

    /// <summary>The row, or null.</summary>
    Task<StoredObject?> GetAsync(string type, string id, CancellationToken cancellationToken);

    /// <summary>The row, or null.</summary>
    Task<StoredObject?> GetByNameAsync(string type, string workspace, string name, CancellationToken cancellationToken);

    /// <summary>
    /// A page of rows by age, then name, workspace and id. What is there from the first page to the last is found once,
    /// whatever is added or deleted between two pages and however their sizes differ.
    /// </summary>
    Task<ObjectPage> ListAsync(ObjectQuery query, CancellationToken cancellationToken);

    /// <summary>
    /// Rows of a kind in the order of their ids, from behind one: page by page, what is there all the while is found once,
    /// whatever is added or deleted between two pages.
    /// </summary>
    Task<IReadOnlyList<StoredObject>> ListAfterAsync(string type, string afterId, int limit, CancellationToken cancellationToken);

    /// <summary>
    /// Replaces labels, payload and time of a row that still has <paramref name="expectedVersion"/>.
    /// Conflict if it has another one, NotFound if it has gone. Name, workspace and creation never change.
    /// </summary>
    Task<StoreResult> UpdateAsync(StoredObject value, ulong expectedVersion, CancellationToken cancellationToken);

    /// <summary>Removes a row, whatever its version. NotFound if it has gone.</summary>
    Task<StoreResult> DeleteAsync(string type, string id, CancellationToken cancellationToken);

    /// <summary>Which types the rows of a workspace have.</summary>
    Task<IReadOnlyList<string>> ListTypesAsync(string workspace, CancellationToken cancellationToken);

    /// <summary>Completes if the database answers.</summary>
    Task PingAsync(CancellationToken cancellationToken);
}

/// <summary>A row in one of its versions.</summary>
internal sealed record ObjectFence(string Type, string Id, ulong ResourceVersion);

/// <summary>Which rows to list.</summary>
/// <param name="Workspace">Only this workspace; null is every one.</param>
/// <param name="Labels">All of these must match.</param>
/// <param name="Limit">Rows of this page.</param>
/// <param name="After">Where the page before ended; null begins.</param>
internal sealed record ObjectQuery(
    string Type,
    string? Workspace,
    ImmutableDictionary<string, string> Labels,
    int Limit,
    ObjectCursor? After = null);

/// <summary>A place in the order of a list: behind the row with these values, whether or not it is still there.</summary>
/// <param name="CreatedAtMs">As it is stored; one that is damaged may be no time.</param>
internal sealed record ObjectCursor(long CreatedAtMs, string Name, string Workspace, string Id);

/// <summary>A page of a list.</summary>
/// <param name="Next">Where the next page begins; null: there is none.</param>
internal sealed record ObjectPage(IReadOnlyList<StoredObject> Rows, ObjectCursor? Next);

/// <summary>As <see cref="ObjectPage"/>, of records.</summary>
internal sealed record RecordPage<T>(IReadOnlyList<T> Records, ObjectCursor? Next);

/// <summary>What became of a write.</summary>
internal enum StoreOutcome
{
    /// <summary>It is durable.</summary>
    Done,

    /// <summary>The id or the name is taken.</summary>
    AlreadyExists,

    /// <summary>There is no such row.</summary>
    NotFound,

    /// <summary>Somebody wrote in between; read again.</summary>
    Conflict,
}

/// <summary>Outcome of a write and the version that the row has now (0 if there is none).</summary>
internal readonly record struct StoreResult(StoreOutcome Outcome, ulong ResourceVersion);

/// <summary>The database cannot be opened, read or written: full, locked, not writable, or being closed.</summary>
internal sealed class StoreUnavailableException(string message, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>Whether its disk is full: reading goes on, and what was not written changed nothing.</summary>
    public bool IsFull { get; init; }
}
