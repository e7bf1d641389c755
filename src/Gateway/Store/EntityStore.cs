using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace OpenShell.Gateway.Store;

/// <summary>Records of one type in the object store. Atomicity and races are those of <see cref="IObjectStore"/>.</summary>
internal abstract class EntityStore<T>(IObjectStore store, TimeProvider time, string type)
    where T : class
{
    private const int Page = 1000;

    protected IObjectStore Store => store;

    protected string Type => type;

    protected DateTimeOffset Now => time.GetUtcNow();

    /// <summary>AlreadyExists if its id, or its name in its workspace, is taken.</summary>
    public async Task<StoreOutcome> CreateAsync(T record, CancellationToken cancellationToken) =>
        (await store.CreateAsync(ToObject(record), cancellationToken)).Outcome;

    /// <summary>As <see cref="CreateAsync"/>; Conflict if the row of the fence is not in its version any more.</summary>
    public async Task<StoreOutcome> CreateBehindAsync(ObjectFence fence, T record, CancellationToken cancellationToken) =>
        (await store.CreateBehindAsync(fence, ToObject(record), cancellationToken)).Outcome;

    public async Task<T?> GetAsync(string id, CancellationToken cancellationToken) =>
        await store.GetAsync(type, id, cancellationToken) is { } row ? FromObject(row) : null;

    /// <summary>Every record, by age. Read page by page: what is there all the while is among them, whatever else comes and goes.</summary>
    public async Task<IReadOnlyList<T>> ListAllAsync(CancellationToken cancellationToken)
    {
        var rows = new List<StoredObject>();
        while (true)
        {
            var page = await store.ListAfterAsync(type, rows.Count == 0 ? "" : rows[^1].Id, Page, cancellationToken);
            rows.AddRange(page);
            if (page.Count < Page)
            {
                return [.. rows.OrderBy(r => r.CreatedAt).ThenBy(r => r.Name, StringComparer.Ordinal).Select(FromObject)];
            }
        }
    }

    /// <summary>A page of records, by age.</summary>
    /// <param name="workspace">Only of this one; null: of all.</param>
    /// <param name="labels">All of these must match.</param>
    public async Task<RecordPage<T>> ListAsync(
        string? workspace, ImmutableDictionary<string, string> labels, int limit, ObjectCursor? after, CancellationToken cancellationToken)
    {
        var page = await store.ListAsync(new ObjectQuery(type, workspace, labels, limit, after), cancellationToken);
        return new RecordPage<T>([.. page.Rows.Select(FromObject)], page.Next);
    }

    public virtual async Task<StoreOutcome> DeleteAsync(string id, CancellationToken cancellationToken) =>
        (await store.DeleteAsync(type, id, cancellationToken)).Outcome;

    protected abstract StoredObject ToObject(T record);

    /// <summary>Never fails: a row that is damaged is a record that says so and lets nobody in.</summary>
    protected abstract T FromObject(StoredObject row);

    /// <summary>Null: it is damaged.</summary>
    protected static TPayload? ReadPayload<TPayload>(StoredObject row, JsonTypeInfo<TPayload> json)
        where TPayload : class
    {
        try
        {
            return JsonSerializer.Deserialize(row.Payload.Span, json);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
