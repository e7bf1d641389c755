using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using Microsoft.Data.Sqlite;

namespace OpenShell.Gateway.Store;

/// <summary>The SQL of the table <c>objects</c>.</summary>
internal static class SqliteObjects
{
    private const string Columns = "id, type, workspace, name, labels, payload, created_at_ms, updated_at_ms, resource_version";
    private const int UniqueViolation = 19;

    public static StoreResult Create(SqliteConnection connection, StoredObject value)
    {
        using var insert = connection.CreateCommand();
        insert.CommandText = $"""
            INSERT INTO objects ({Columns})
            VALUES ($id, $type, $workspace, $name, $labels, $payload, $created, $updated, 1)
            """;
        BindKey(insert, value.Type, value.Id);
        insert.Parameters.AddWithValue("$workspace", value.Workspace);
        insert.Parameters.AddWithValue("$name", value.Name);
        insert.Parameters.AddWithValue("$created", value.CreatedAt.ToUnixTimeMilliseconds());
        BindContent(insert, value);
        try
        {
            insert.ExecuteNonQuery();
            return new StoreResult(StoreOutcome.Done, 1);
        }
        catch (SqliteException e) when (e.SqliteErrorCode == UniqueViolation)
        {
            return new StoreResult(StoreOutcome.AlreadyExists, 0);
        }
    }

    public static StoreResult CreateBehind(SqliteConnection connection, ObjectFence fence, StoredObject value)
    {
        using var select = connection.CreateCommand();
        select.CommandText = "SELECT 1 FROM objects WHERE id = $id AND type = $type AND resource_version = $version";
        BindKey(select, fence.Type, fence.Id);
        select.Parameters.AddWithValue("$version", (long)fence.ResourceVersion);
        return select.ExecuteScalar() is null ? new StoreResult(StoreOutcome.Conflict, 0) : Create(connection, value);
    }

    public static IReadOnlyList<string> ListTypes(SqliteConnection connection, string workspace)
    {
        using var select = connection.CreateCommand();
        select.CommandText = "SELECT DISTINCT type FROM objects WHERE workspace = $workspace";
        select.Parameters.AddWithValue("$workspace", workspace);
        using var reader = select.ExecuteReader();
        var types = new List<string>();
        while (reader.Read())
        {
            types.Add(reader.GetString(0));
        }

        return types;
    }

    public static StoredObject? Get(SqliteConnection connection, string type, string id)
    {
        using var select = connection.CreateCommand();
        select.CommandText = $"SELECT {Columns} FROM objects WHERE id = $id AND type = $type";
        BindKey(select, type, id);
        return Read(select).FirstOrDefault();
    }

    public static StoredObject? GetByName(SqliteConnection connection, string type, string workspace, string name)
    {
        using var select = connection.CreateCommand();
        select.CommandText = $"SELECT {Columns} FROM objects WHERE type = $type AND workspace = $workspace AND name = $name";
        select.Parameters.AddWithValue("$type", type);
        select.Parameters.AddWithValue("$workspace", workspace);
        select.Parameters.AddWithValue("$name", name);
        return Read(select).FirstOrDefault();
    }

    public static ObjectPage List(SqliteConnection connection, ObjectQuery query)
    {
        using var select = connection.CreateCommand();
        var sql = new StringBuilder($"SELECT {Columns} FROM objects WHERE type = $type");
        select.Parameters.AddWithValue("$type", query.Type);
        if (query.Workspace is { } workspace)
        {
            sql.Append(" AND workspace = $workspace");
            select.Parameters.AddWithValue("$workspace", workspace);
        }

        if (query.After is { } after)
        {
            sql.Append(" AND (created_at_ms, name, workspace, id) > ($afterCreated, $afterName, $afterWorkspace, $afterId)");
            select.Parameters.AddWithValue("$afterCreated", after.CreatedAtMs);
            select.Parameters.AddWithValue("$afterName", after.Name);
            select.Parameters.AddWithValue("$afterWorkspace", after.Workspace);
            select.Parameters.AddWithValue("$afterId", after.Id);
        }

        var index = 0;
        foreach (var (key, value) in query.Labels)
        {
            sql.Append(" AND json_valid(labels)");
            sql.Append(provider: null, $" AND EXISTS (SELECT 1 FROM json_each(labels) WHERE key = $key{index} AND value = $value{index})");
            select.Parameters.AddWithValue($"$key{index}", key);
            select.Parameters.AddWithValue($"$value{index++}", value);
        }

        sql.Append(" ORDER BY created_at_ms, name, workspace, id LIMIT $limit");
        // One more than the page shows whether there is another.
        select.Parameters.AddWithValue("$limit", query.Limit + 1L);
#pragma warning disable CA2100 // Only parameter names are put together.
        select.CommandText = sql.ToString();
#pragma warning restore CA2100
        return ReadPage(select, query.Limit);
    }

    // By the primary key, which never changes; a place in the order of ages would have to be compared with times that may
    // be damaged.
    public static IReadOnlyList<StoredObject> ListAfter(SqliteConnection connection, string type, string afterId, int limit)
    {
        using var select = connection.CreateCommand();
        select.CommandText = $"SELECT {Columns} FROM objects WHERE type = $type AND id > $id ORDER BY id LIMIT $limit";
        BindKey(select, type, afterId);
        select.Parameters.AddWithValue("$limit", limit);
        return Read(select);
    }

    public static StoreResult Update(SqliteConnection connection, StoredObject value, ulong expectedVersion)
    {
        using var update = connection.CreateCommand();
        update.CommandText = """
            UPDATE objects SET labels = $labels, payload = $payload, updated_at_ms = $updated, resource_version = resource_version + 1
            WHERE id = $id AND type = $type AND resource_version = $expected
            """;
        BindKey(update, value.Type, value.Id);
        BindContent(update, value);
        update.Parameters.AddWithValue("$expected", (long)expectedVersion);
        if (update.ExecuteNonQuery() == 1)
        {
            return new StoreResult(StoreOutcome.Done, expectedVersion + 1);
        }

        return Get(connection, value.Type, value.Id) is { } current
            ? new StoreResult(StoreOutcome.Conflict, current.ResourceVersion)
            : new StoreResult(StoreOutcome.NotFound, 0);
    }

    public static StoreResult Delete(SqliteConnection connection, string type, string id)
    {
        using var delete = connection.CreateCommand();
        delete.CommandText = "DELETE FROM objects WHERE id = $id AND type = $type";
        BindKey(delete, type, id);
        return new StoreResult(delete.ExecuteNonQuery() == 1 ? StoreOutcome.Done : StoreOutcome.NotFound, 0);
    }

    public static bool Ping(SqliteConnection connection)
    {
        using var select = connection.CreateCommand();
        select.CommandText = "SELECT 1 FROM objects LIMIT 1";
        select.ExecuteScalar();
        return true;
    }

    private static void BindKey(SqliteCommand command, string type, string id)
    {
        command.Parameters.AddWithValue("$type", type);
        command.Parameters.AddWithValue("$id", id);
    }

    private static void BindContent(SqliteCommand command, StoredObject value)
    {
        command.Parameters.AddWithValue("$labels", JsonSerializer.Serialize(value.Labels));
        command.Parameters.AddWithValue("$payload", value.Payload.ToArray());
        command.Parameters.AddWithValue("$updated", value.UpdatedAt.ToUnixTimeMilliseconds());
    }

    /// <summary>The time of a column; one that cannot be is the nearest that can.</summary>
    public static DateTimeOffset ToTime(long milliseconds) => DateTimeOffset.FromUnixTimeMilliseconds(Math.Clamp(
        milliseconds, DateTimeOffset.MinValue.ToUnixTimeMilliseconds(), DateTimeOffset.MaxValue.ToUnixTimeMilliseconds()));

    // Labels that somebody has damaged select nothing; the object is still there.
    private static ImmutableDictionary<string, string> ReadLabels(string json)
    {
        try
        {
            return JsonSerializer.Deserialize<ImmutableDictionary<string, string>>(json) ?? ImmutableDictionary<string, string>.Empty;
        }
        catch (JsonException)
        {
            return ImmutableDictionary<string, string>.Empty;
        }
    }

    private static List<StoredObject> Read(SqliteCommand select)
    {
        using var reader = select.ExecuteReader();
        var rows = new List<StoredObject>();
        while (reader.Read())
        {
            rows.Add(ReadRow(reader));
        }

        return rows;
    }

    private static ObjectPage ReadPage(SqliteCommand select, int limit)
    {
        using var reader = select.ExecuteReader();
        var rows = new List<StoredObject>();
        ObjectCursor? last = null;
        while (reader.Read())
        {
            if (rows.Count == limit)
            {
                return new ObjectPage(rows, last);
            }

            rows.Add(ReadRow(reader));
            last = new ObjectCursor(reader.GetInt64(6), reader.GetString(3), reader.GetString(2), reader.GetString(0));
        }

        return new ObjectPage(rows, null);
    }

    private static StoredObject ReadRow(SqliteDataReader reader) => new()
    {
        Id = reader.GetString(0),
        Type = reader.GetString(1),
        Workspace = reader.GetString(2),
        Name = reader.GetString(3),
        Labels = ReadLabels(reader.GetString(4)),
        Payload = reader.GetFieldValue<byte[]>(5),
        CreatedAt = ToTime(reader.GetInt64(6)),
        UpdatedAt = ToTime(reader.GetInt64(7)),
        ResourceVersion = (ulong)reader.GetInt64(8),
    };
}
